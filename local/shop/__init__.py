"""The sample shop: a small real shop to read from, for the local stack and for tests."""
