"""Stage 6: matches → one text, by a ledger that never tells a shopper the same thing twice."""
