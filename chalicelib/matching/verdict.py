"""Is this offer the product that was wanted?  A pure verdict with a score and its reasons.

One verdict for every wish.  What excludes (another pack size, colour, platform or brand) excludes always.  A wish that
names a kind of thing is satisfied by the rules of ``generic``; one that describes a product is judged by the trees,
which have learnt what a difference in a word, a number or a price means.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from math import exp
from pathlib import Path

from chalicelib.matching import generic
from chalicelib.matching.categories import read_category
from chalicelib.matching.features import GLANCE, GLANCED, LOOK, glance, look
from chalicelib.matching.narrowing import narrowed
from chalicelib.matching.reasons import against, in_favour
from chalicelib.matching.remainder import Remainder, remainder
from chalicelib.matching.sides import Side, unlike
from chalicelib.matching.spelling import parted
from chalicelib.matching.text import read_title
from chalicelib.matching.trees import Forest, plant
from chalicelib.matching.vetoes import SHORT, vetoed
from chalicelib.models import Product
from chalicelib.synonyms import with_phrases_mended

EVIDENCE = (*GLANCE, *LOOK)
EXCLUDED = 0.01
"""Score of an offer that is of another size, colour, platform or brand, or has nothing in common with the wish."""
SPAN = 0.35
"""Offers that satisfy a wish for a kind of thing score from the threshold to so much above it: less than what the trees
are sure of, since any product of the kind satisfies, and one that is described is meant."""
ENOUGH = 0.05
"""An offer that satisfies a short, but not general, wish needs no more than this of the trees."""
SURE = 0.6
"""An offer that lacks a word of a wish for a kind of thing needs as much as this, for the shop may word it differently;
and so does one that seems to be another thing than a short wish names."""
FEW_WORDS = 4
"""Of a wish of so many words an offer must not lack two, nor the model number, unless the trees are sure."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a shop offers, or what a shopper wants, as far as it is known."""

    name: str
    brand: str | None = None
    price: Decimal | float | None = None
    category: str | None = None
    """Where the shop files it: ``Drinks > Tea``."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the offer is the wanted product, how sure that is (0 to 1), and why, for people."""

    accepted: bool
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judge:
    """The trees and their limits, from ``trees.json`` (made by ``benchmarks/train_verdict.py``)."""

    threshold: float
    glance_at_least: float
    at_a_glance: Forest
    looking: Forest


def judge(wanted: str | Offer | Side, offer: Offer | Product | Side) -> Verdict:
    """Whether ``offer`` is what ``wanted`` describes.

    Of a rejected offer only the score is certain; ``explain`` finds its reasons too.
    """
    a, b, score = _scored(side(wanted), side(offer))
    accepted = score >= shipped().threshold
    return Verdict(accepted, score, in_favour(a, b) if accepted else ())


def explain(wanted: str | Offer, offer: Offer | Product) -> Verdict:
    """As ``judge``, with the reasons of a rejection as well.  Slower; for previews."""
    a, b, score = _scored(side(wanted), side(offer))
    accepted = score >= shipped().threshold
    return Verdict(accepted, score, in_favour(a, b) if accepted else against(a, b))


def _scored(wanted: Side, offered: Side) -> tuple[Side, Side, float]:
    """The two sides and how likely they are; the wish as one for the offered thing of its kind, where that will do."""
    score = likelihood(wanted, offered)
    if score < shipped().threshold and (narrow := narrowed(wanted, offered)):
        likely = likelihood(narrow, offered)
        if likely >= shipped().threshold:
            return narrow, offered, likely
    return wanted, offered, score


def likelihood(wanted: Side, offered: Side) -> float:
    """How sure it is that ``offered`` is what ``wanted`` describes, 0 to 1."""
    if unlike(wanted, offered) or vetoed(wanted, offered):
        return EXCLUDED
    a, b, by = wanted.title, offered.title, shipped()
    row, left, satisfied = glance(a, b), None, False
    if generic.may_satisfy(wanted, offered, row):
        left = remainder(a, b)
        satisfied = generic.satisfies(wanted, offered, left)
        if satisfied and not a.codes:
            return _satisfaction(row)
    if not satisfied and (at_first := by.at_a_glance(row)) < by.glance_at_least:
        return ENOUGH * _probability(at_first)
    left = left or remainder(a, b)
    learnt = _probability(by.looking(row + look(wanted, offered, left)))
    if satisfied:
        return max(learnt, by.threshold) if learnt >= ENOUGH else learnt
    return learnt if learnt < by.threshold or _will_do(wanted, offered, left, learnt) else ENOUGH


def _will_do(wanted: Side, offered: Side, left: Remainder, learnt: float) -> bool:
    """Whether what the trees say counts for an offer that lacks a word of the wish, which is no matter for long ones.

    For a short wish the offer has to be the thing itself, or likely all the same.  For a kind of thing the trees have
    to be sure, and nothing but words may be lacking.
    """
    if len(wanted.title.words) > SHORT:
        return True
    if generic.is_kind(wanted.title):
        return learnt >= SURE and generic.worded_differently(wanted, offered, left)
    if not generic.is_named(wanted, offered):
        return False
    if len(wanted.title.words) <= FEW_WORDS:
        lacking = generic.uncovered(wanted, offered, left)
        if generic.is_what_it_is_for(offered, lacking):
            return False
        if len(lacking) > 1 or not wanted.title.codes.isdisjoint(lacking):
            return learnt >= SURE
    return learnt >= SURE or generic.is_the_thing(wanted, offered, left)


def _satisfaction(row: Sequence[float]) -> float:
    """Score of an offer that satisfies a wish for a kind of thing: the less it says besides, the surer it is meant."""
    return shipped().threshold + SPAN * row[GLANCED["offered_covered"]]


def evidence(wanted: Side, offered: Side) -> tuple[float, ...]:
    """One row of ``EVIDENCE``: all that the trees look at."""
    a, b = wanted.title, offered.title
    return glance(a, b) + look(wanted, offered, remainder(a, b))


def side(offer: str | Offer | Product | Side) -> Side:
    """One side of a comparison, read; one that is read already is given back."""
    if isinstance(offer, Side):
        return offer
    if isinstance(offer, str):
        return Side(read_title(with_phrases_mended(parted(offer))))
    name = offer.product_name if isinstance(offer, Product) else offer.name
    brand = read_title(offer.brand) if offer.brand else None
    category = read_category(offer.category) if offer.category else None
    return Side(read_title(name), brand, float(offer.price or 0) or None, category)


@cache
def shipped() -> Judge:
    """The trees of this version, read once."""
    stored = json.loads((Path(__file__).parent / "trees.json").read_text(encoding="utf-8"))
    forests = (plant(stored["glance"], len(GLANCE)), plant(stored["look"], len(EVIDENCE)))
    return Judge(stored["threshold"], stored["glance_at_least"], *forests)


def _probability(raw: float) -> float:
    return 1 / (1 + exp(-raw))
