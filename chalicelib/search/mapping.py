"""What the index holds and how product names are taken apart.  Pure data.

Names are compared without case and accents, in the singular, with quantities in one form: ``500ml``, ``500 ml``,
``0.5 l`` and ``50cl`` are all the word ``500ml``; ``6 x 330ml`` is ``6pack 330ml``.
"""

from __future__ import annotations

from typing import Any

# Pattern and replacement, in order.  Java regular expressions, without regard to case.
_QUANTITIES: tuple[tuple[str, str], ...] = (
    (r"(?<=\d),(?=\d{3}(?!\d))", ""),  # 1,000
    (r"(?<=\d),(?=\d)", "."),  # 0,5
    (r"(?<![\d.])\.(?=\d)", "0."),  # .5
    (r"(\d)\s*(?:millilit(?:re|er)s?|mls?)\b", "$1ml"),
    (r"(\d)\s*(?:centilit(?:re|er)s?|cls?)\b", "$1cl"),
    (r"(\d)\s*(?:lit(?:re|er)s?|ltrs?|lt|l)\b", "$1l"),
    (r"(\d)\s*(?:kilo(?:gram(?:me)?)?s?|kgs?)\b", "$1kg"),
    (r"(\d)\s*(?:gram(?:me)?s?|gms?|g)\b", "$1g"),
    (r"(\d)\s*-?\s*(?:packs?|pk|pcs?|pieces?|count|ct)\b", "$1pack"),
    (r"\bpack\s+of\s+(\d+)\b", "$1pack"),
    (r"(\d)\s*[x×]\s*(?=\d)", "$1pack "),
    (r"(\d)\s*-?\s*(?:inch(?:es)?|\"|”|″)", "$1inch "),
    (r"(\d)\s+(mg|fl\.?\s?oz|oz|lbs?|cm|mm|gb|tb|mb|mah|watts?|w|v|hz)\b", "$1$2"),
    (r"\b(\d+)\.(\d{3})(?:l\b|k(?=g\b))", "$1$2~"),  # one, two or three decimals become thousandths: ~ is filled below
    (r"\b(\d+)\.(\d{2})(?:l\b|k(?=g\b))", "$1$20~"),
    (r"\b(\d+)\.(\d)(?:l\b|k(?=g\b))", "$1$200~"),
    (r"\b(\d+)(?:l\b|k(?=g\b))", "$1000~"),
    (r"\b(\d+)\.(\d)cl\b", "$1$2~"),
    (r"\b(\d+)cl\b", "$10~"),
    (r"~(?!g)", "ml"),
    (r"~(?=g)", ""),
    (r"(?<![\d.])0+(?=\d+(?:ml|g)\b)", ""),
)



def _replacing(pattern: str, into: str) -> dict[str, str]:
    return {"type": "pattern_replace", "pattern": pattern, "replacement": into, "flags": "CASE_INSENSITIVE"}


_CHAR_FILTERS = {f"quantity_{at:02}": _replacing(*pair) for at, pair in enumerate(_QUANTITIES)}

ANALYSIS: dict[str, Any] = {
    "char_filter": {
        **_CHAR_FILTERS,
        "join": {"type": "pattern_replace", "pattern": r"(?<=\w)[-/.](?=\w)", "replacement": ""},
    },
    "filter": {
        "possessive": {"type": "stemmer", "language": "possessive_english"},
        "singular": {"type": "stemmer", "language": "light_english"},
    },
    "analyzer": {
        "product_words": {
            "type": "custom",
            "char_filter": sorted(_CHAR_FILTERS),
            "tokenizer": "standard",
            "filter": ["lowercase", "asciifolding", "possessive", "singular"],
        },
        "joined_words": {  # WH-1000XM4 and WH1000XM4 are one word
            "type": "custom",
            "char_filter": ["join"],
            "tokenizer": "standard",
            "filter": ["lowercase", "asciifolding"],
        },
    },
    "normalizer": {"exact": {"type": "custom", "filter": ["lowercase", "asciifolding"]}},
}

_KEYWORD = {"type": "keyword", "ignore_above": 512}
_EXACT = {"type": "keyword", "normalizer": "exact", "ignore_above": 512}
_STORED = {"type": "keyword", "index": False, "doc_values": False}

MAPPING: dict[str, Any] = {
    "dynamic": False,
    "_routing": {"required": True},
    "properties": {
        "ProductID": _KEYWORD,
        "Postcode": _KEYWORD,
        "Shop": _KEYWORD,
        "StoreBrand": _KEYWORD,
        "ProductName": {
            "type": "text",
            "analyzer": "product_words",
            "copy_to": "Words",
            "fields": {"exact": _EXACT, "joined": {"type": "text", "analyzer": "joined_words", "norms": False}},
        },
        "Brand": _EXACT | {"copy_to": "Words"},
        "Words": {"type": "text", "analyzer": "product_words"},
        "Sku": _EXACT,
        "Gtin": _EXACT,
        "Mpn": _EXACT | {"copy_to": "Words"},
        "Availability": _KEYWORD,
        "Discount": {"type": "double"},
        "Price": {"type": "double"},
        "WasPrice": {"type": "double"},
        "PriorPrice": {"type": "double"},
        "Currency": _KEYWORD,
        "Version": {"type": "long"},
        "ContentHash": _KEYWORD | {"index": False},
        "FirstSeen": {"type": "date"},
        "LastSeen": {"type": "date"},
        "MissingSince": {"type": "date"},
        "Url": _STORED,
        "ImageUrl": _STORED,
        "Removed": {"type": "boolean"},
        "RemovedAt": {"type": "date"},
    },
}

SETTINGS: dict[str, Any] = {
    "number_of_shards": 1,
    "auto_expand_replicas": "0-1",
    "refresh_interval": "1s",
    "analysis": ANALYSIS,
}
