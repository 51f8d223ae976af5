"""Shelfwatch: a shopper's wish, the shops that serve the postcode, and one text when it comes true."""
