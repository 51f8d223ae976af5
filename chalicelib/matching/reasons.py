"""Why a verdict came out as it did, for people.  Pure."""

from __future__ import annotations

from chalicelib.matching.another_kind import another_kind
from chalicelib.matching.remainder import remainder
from chalicelib.matching.sides import Side, category_words
from chalicelib.matching.vetoes import SHORT, objections

MOST_WORDS = 6
"""Of each sort of word, so many are named."""


def in_favour(wanted: Side, offered: Side) -> tuple[str, ...]:
    """What the two have in common, what was forgiven, and what was passed over."""
    a, b = wanted.title, offered.title
    left = remainder(a, b)
    same = [word for word in a.words if word in b.word_set]
    brand = (offered.brand or wanted.brand or a).word_set if offered.brand or wanted.brand else frozenset()
    models = sorted(code for code in a.codes if code in b.compact)
    plain = [word for word in same if word not in brand and word not in models and word not in a.written]
    nearly = [word for word in a.words if word not in b.word_set and left.missing.get(word, 0) < 0.5]
    lacking = [word for word, share in left.missing.items() if share >= 0.5 and word not in brand]
    filed = [word for word in lacking if word in category_words(offered)]
    return _said(
        ("brand", [word for word in a.words if word in brand]),
        ("model", models),
        ("size", [a.written[word] for word in same if word in a.written]),
        ("words", plain),
        ("almost", nearly),
        ("category", filed),
        ("not named", [a.written.get(word, word) for word in lacking if word not in filed]),
    )


def against(wanted: Side, offered: Side) -> tuple[str, ...]:
    """What keeps the offer from being the wanted product, the plainest reason first."""
    a, b = wanted.title, offered.title
    left = remainder(a, b)
    besides = _said(
        ("another kind:", another_kind(wanted, offered, left) if len(a.words) <= SHORT else []),
        ("not named:", [a.written.get(word, word) for word, share in left.missing.items() if share >= 0.5]),
        ("besides:", [b.written.get(word, word) for word, share in left.extra.items() if share >= 0.5]),
    )
    return objections(wanted, offered) + besides or ("too unlike",)


def _said(*parts: tuple[str, list[str]]) -> tuple[str, ...]:
    return tuple(f"{label} {' '.join(words[:MOST_WORDS])}" for label, words in parts if words)
