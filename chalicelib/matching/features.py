"""What a wish and an offer have in common and where they differ, in numbers.  Pure.

``compare`` gives one row of ``NAMES``; the trees of ``trees.py`` judge it.  ``NAN`` stands for what is not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import log

from chalicelib.matching.text import Title, read_title
from chalicelib.matching.words import weight

NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: the name, and brand and price where they are known."""

    title: Title
    brand: Title | None = None
    price: float | None = None


NAMES = (
    "wanted_covered", "offered_covered", "wanted_soft", "offered_soft", "shared", "wanted_missing", "offered_extra",
    "heaviest_missing", "heaviest_extra", "second_missing", "second_extra", "missing_words", "extra_words", "wanted_total", "offered_total", "codes_shared", "codes_near", "codes_conflict", "wanted_codes", "offered_codes",
    "numbers_shared", "numbers_missing", "numbers_extra", "quantities_shared", "quantities_conflict",
    "first_same", "brand", "price_ratio", "trigrams", "trigrams_wanted", "trigrams_offered", "order","last_same","heaviest_shared","year_conflict","difference",
)  # fmt: skip


def compare(wanted: Side, offered: Side) -> tuple[float, ...]:
    """One row of ``NAMES``."""
    a, b = wanted.title, offered.title
    common = a.word_set & b.word_set
    shared = sum(a.weights[word] for word in common)
    missing = {word: 1.0 for word in a.words if word not in common}
    extra = {word: 1.0 for word in b.words if word not in common}
    _soften(missing, extra, a, b)
    missing_w = sorted((a.weights[w] * left for w, left in missing.items() if left), reverse=True) or [0.0]
    extra_w = sorted((b.weights[w] * left for w, left in extra.items() if left), reverse=True) or [0.0]
    ms, es = sum(missing_w), sum(extra_w)
    cs = [max((_code_near(code, other) for other in b.codes), default=0.0) for code in a.codes] if b.codes else []
    if a.codes and cs and max(cs)<1 :
        cs=[max(c,0.95 if any(code in j for j in b.joins) else 0) for c,code in zip(cs,a.codes)]
    code_best = max(cs, default=NAN)
    tri = len(a.trigrams & b.trigrams)
    la, lb = len(a.trigrams) or 1, len(b.trigrams) or 1
    ya={n for n in a.numbers if _year(n)}; yb={n for n in b.numbers if _year(n)}
    na=a.numbers; nb=b.numbers
    allnb = b.all_numbers; allna = a.all_numbers
    qs = qc = 0
    for d, va in a.quantities.items():
        vb = b.quantities.get(d)
        if vb:
            if va & vb: qs += 1
            else: qc += 1
    pos=[b.positions[w] for w in a.words if w in common]
    order = sum(1 for x,y in zip(pos,pos[1:]) if y>x)/ (len(pos)-1) if len(pos)>1 else NAN
    return (
        shared / (a.total or 1), shared / (b.total or 1), 1 - ms / (a.total or 1), 1 - es / (b.total or 1), shared, ms, es,
        missing_w[0], extra_w[0], missing_w[1] if len(missing_w)>1 else 0., extra_w[1] if len(extra_w)>1 else 0., sum(missing.values()), sum(extra.values()), a.total, b.total,
        sum(1.0 for c in cs if c == 1), code_best, sum(1.0 for c in cs if c < .75) if cs else 0, len(a.codes), len(b.codes),
        len(na & nb), len(na - allnb), len(nb - allna), qs, qc,
        float(bool(a.words and b.words and (a.words[0] == b.words[0]))), _brand(wanted, offered), _price(wanted, offered),
        2*tri/(la+lb), tri/la, tri/lb, order,
        float(bool(a.words and a.words[-1] in b.word_set)),
        max((a.weights[w] for w in common), default=0),
        (1. if ya & yb else -1.) if ya and yb else 0.,
        0.0,
    )


def _year(n: str) -> bool:
    return len(n) == 4 and n[:2] in ("19", "20")


def _soften(missing: dict[str, float], extra: dict[str, float], a: Title, b: Title) -> None:
    for word in missing:
        parts = b.joins.get(word)
        if parts and any(extra.get(p) for p in parts):
            missing[word] = 0
            for p in parts:
                if p in extra: extra[p] = 0
    for word in extra:
        parts = a.joins.get(word)
        if parts and extra[word] and any(missing.get(p) for p in parts):
            extra[word] = 0
            for p in parts:
                if p in missing: missing[p] = 0
    for word, left in missing.items():
        if not left: continue
        best, who = 0.0, ""
        for other, oleft in extra.items():
            if oleft:
                s = near(word, other)
                if s > best: best, who = s, other
        if best:
            missing[word] = 1 - best
            extra[who] = 1 - best


@lru_cache(maxsize=1 << 20)
def near(word: str, other: str) -> float:
    """How far two words are one, 0 to 1: misspelt, abbreviated, longer by an ending."""
    short, long_ = (word, other) if len(word) <= len(other) else (other, word)
    if word[:1].isdigit() or other[:1].isdigit() or not short or short[0] != long_[0]:
        if short.isdigit() or len(short) < 2: return 0.0
        # number inside quantities
        return 0.0
    has_digit = any(c.isdigit() for c in word) or any(c.isdigit() for c in other)
    if long_.startswith(short):
        if has_digit:
            return 0.8 if len(short) >= 4 and len(long_) - len(short) <= 3 else 0.0
        return 0.9 if len(short) >= 4 else (0.5 if len(short) >= 2 else 0.3)
    if has_digit: return 0.0
    d = distance(word, other, 2)
    if len(short) >= 4 and d == 1: return 0.85
    if len(short) >= 7 and d == 2: return 0.7
    # abbreviation: consonants in order
    if 2 <= len(short) <= 4 and len(long_) >= 5 and _subsequence(short, long_): return 0.4
    return 0.0


def _subsequence(short: str, long_: str) -> bool:
    it = iter(long_)
    return all(c in it for c in short)


def distance(a: str, b: str, limit: int) -> int:
    if abs(len(a) - len(b)) > limit: return limit + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, last, row = row, before, [i] + [0] * len(b)
        for j, y in enumerate(b, 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y and last:
                row[j] = min(row[j], last[j - 2] + 1)
    return row[-1]


@lru_cache(maxsize=1 << 20)
def _code_near(code: str, other: str) -> float:
    if code == other: return 1.0
    short, long_ = (code, other) if len(code) <= len(other) else (other, code)
    if len(short) >= 4 and short in long_:
        return 0.95 if long_.startswith(short) or long_.endswith(short) else 0.9
    p = 0
    while p < len(short) and short[p] == long_[p]: p += 1
    return 0.85 * p / len(long_)


def _brand(wanted: Side, offered: Side) -> float:
    if wanted.brand and offered.brand:
        x, y = wanted.brand, offered.brand
        if x.word_set & y.word_set: return 1.0
        if any(w in y.joins for w in x.words) or any(w in x.joins for w in y.words): return 1.0
        if any(near(w,v) >= .7 for w in x.words for v in y.words): return 0.9
        return 0.5 if (x.word_set & offered.title.word_set) or (y.word_set & wanted.title.word_set) else 0.0
    b = wanted.brand or offered.brand
    if b is None: return NAN
    t = offered.title if wanted.brand else wanted.title
    if b.word_set & t.word_set: return 0.8
    if any(w in t.joins for w in b.words) or any(j in t.word_set for j in b.joins): return 0.8
    return 0.3


def _price(wanted: Side, offered: Side) -> float:
    if not wanted.price or not offered.price: return NAN
    return abs(log(wanted.price / offered.price))
