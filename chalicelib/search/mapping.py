"""What the index holds and how product names are taken apart.  Pure data.

Names are compared without case and accents, in the singular, with quantities in one form: ``500ml``, ``500 ml``,
``0.5 l`` and ``50cl`` are all the word ``500ml``; ``6 x 330ml`` is ``6pack 330ml``.
"""

from __future__ import annotations

from typing import Any

# Pattern and replacement, in order, without regard to case; valid in Java and in Python (``analysis.py``).  Few, and
# where it can be beginning with a sign rather than with what stands before it, because every name passes through each.
# ``~``, ``@`` and ``§`` mark amounts between two steps; ``\<`` is where a word begins, ``\>`` where it ends.
_QUANTITIES: tuple[tuple[str, str], ...] = (
    (r",(?<=\d,)(?=\d{3}(?!\d))", ""),  # 1,000
    (r",(?<=\d,)(?=\d)", "."),  # 0,5
    (r"\.(?<![\d.]\.)(?=\d)", "0."),  # .5
    (r"(\d)\s*([mc]?)(?:illi|enti)?l(?:it(?:re|er)|tr|t)?s?\>", "$1$2l"),
    (r"(\d)\s*(k?)(?:ilo)?(?:g(?:ram(?:me)?|m)?s?|(?<=kilo)s?)\>", "$1$2g"),
    (r"\<(\d+)\s*-?\s*(?:p(?:ac)?ks?|pcs?|pieces?|count|ct)\>", "$1pack"),
    (r"\<pack\s+of\s+(\d+)\>", "$1pack"),
    (r"(\d)\s*[x×]\s*(?=\d)", "$1pack "),
    (r"(\d)\s*-?\s*(?:inch(?:es)?|[\"”″])", "$1inch "),
    (r"(\d)\s+(mg|fl\.?\s?oz|oz|lbs?|cm|mm|gb|tb|mb|mah|watts?|w|v|hz)\>", "$1$2"),
    (r"\<(\d+)\.?(\d{0,3})(?:(l)|k(g))\>", "$1~$2000§$3$4"),  # litres and kilograms: three places follow ~
    (r"\<(\d+)\.?(\d?)cl\>", "$1@$20§l"),  # centilitres: one place follows @
    (r"~(\d{3})\d*(?=§)|@(\d)\d*(?=§)", "$1$2"),
    (r"0(?<![\d.]0)0*(?=\d+(?:§l|§g|ml|g)\>)", ""),
)
_LETTERS = r"\w\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
"""ASCII and Latin: what ``\\b`` makes of others depends on the Java version."""


def _replacing(pattern: str, into: str) -> dict[str, Any]:
    bounded = pattern.replace(r"\<", f"(?<![{_LETTERS}])").replace(r"\>", f"(?![{_LETTERS}])")
    return {"type": "pattern_replace", "pattern": bounded, "replacement": into, "flags": "CASE_INSENSITIVE"}


_CHAR_FILTERS: dict[str, Any] = {
    **{f"quantity_{at:02}": _replacing(*pair) for at, pair in enumerate(_QUANTITIES)},
    "quantity_units": {"type": "mapping", "mappings": ["§l => ml", "§L => ml", "§g => g", "§G => g"]},
}

_WORDS = ["lowercase", "asciifolding", "possessive", "ies", "plural"]

ANALYSIS: dict[str, Any] = {
    "char_filter": {
        **_CHAR_FILTERS,
        # The tokenizer takes these for words.
        "marks": {"type": "pattern_replace", "pattern": "[©®™]", "replacement": " "},
        "join": {"type": "pattern_replace", "pattern": r"(?<=\w)[-/.](?=\w)", "replacement": ""},
    },
    "filter": {
        "possessive": {"type": "stemmer", "language": "possessive_english"},
        "ies": {"type": "pattern_replace", "pattern": "(?<=[a-z][^aeiou])ies$", "replacement": "y"},
        "plural": {
            "type": "pattern_replace",
            "pattern": "(?<=ss|zz|ch|sh)es$|(?<=x)es$|(?<=ato)es$|(?<=[a-z][a-z][^su])s$",
            "replacement": "",
        },
    },
    "analyzer": {
        "product_words": {
            "type": "custom",
            "char_filter": [*sorted(_CHAR_FILTERS), "marks"],
            "tokenizer": "standard",
            "filter": _WORDS,
        },
        "joined_words": {  # WH-1000XM4 and WH1000XM4 are one word
            "type": "custom",
            "char_filter": ["join", "marks"],
            "tokenizer": "standard",
            "filter": ["lowercase", "asciifolding"],
        },
    },
    "normalizer": {"exact": {"type": "custom", "filter": ["lowercase", "asciifolding"]}},
}

_KEYWORD = {"type": "keyword", "ignore_above": 512}
_EXACT = {"type": "keyword", "normalizer": "exact", "ignore_above": 512}
_JOINED = {"type": "text", "analyzer": "joined_words", "norms": False, "index_options": "docs"}
_WORDS_OF_ALL = {"type": "text", "analyzer": "product_words", "norms": False, "index_options": "docs"}
"""The words of name, brand and category: what wishes are looked for in."""
_IN_WORDS = {"copy_to": "Words"}
_ONLY_SHOWN = {"index": False, "doc_values": False}
"""Nobody searches for it, so it costs nothing but its place in the source."""

MAPPING: dict[str, Any] = {
    "dynamic": False,
    "_routing": {"required": True},
    "properties": {
        "ProductID": _KEYWORD,
        "Postcode": _KEYWORD,
        "Shop": _KEYWORD,
        "StoreBrand": {"type": "keyword"} | _ONLY_SHOWN,
        "Words": _WORDS_OF_ALL,
        "ProductName": _EXACT | _IN_WORDS | {"fields": {"joined": _JOINED}},
        "Brand": _EXACT | _IN_WORDS,
        "Category": _KEYWORD | _ONLY_SHOWN | _IN_WORDS,
        "Sku": {"type": "keyword"} | _ONLY_SHOWN,
        "Gtin": _EXACT,
        "Mpn": _EXACT,
        "Availability": _KEYWORD,
        "Discount": {"type": "double"},
        "Price": {"type": "double"},
        "WasPrice": {"type": "double"} | _ONLY_SHOWN,
        "PriorPrice": {"type": "double"} | _ONLY_SHOWN,
        "Currency": {"type": "keyword"} | _ONLY_SHOWN,
        "Version": {"type": "long"},
        "ContentHash": _KEYWORD | {"index": False},
        "FirstSeen": {"type": "date"} | _ONLY_SHOWN,
        "LastSeen": {"type": "date"} | _ONLY_SHOWN,
        "MissingSince": {"type": "date"} | _ONLY_SHOWN,
        "Url": {"type": "keyword"} | _ONLY_SHOWN,
        "ImageUrl": {"type": "keyword"} | _ONLY_SHOWN,
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
