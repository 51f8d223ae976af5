"""4  The OpenSearch index of all catalogues: its mapping, indexing stream records, asking it, checking it."""
