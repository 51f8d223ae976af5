"""Measurements of Shelfwatch: ``python -m benchmarks`` lists them, ``benchmarks/README.md`` says how to read them."""
