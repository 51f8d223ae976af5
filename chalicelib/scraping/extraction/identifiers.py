"""A product's identifiers: the shop's own (SKU), the maker's (MPN) and the trade's (GTIN)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

from chalicelib.scraping.extraction import identifier_words
from chalicelib.scraping.extraction.identifier_words import ATTRIBUTES
from chalicelib.scraping.extraction.page import Page, Piece
from chalicelib.scraping.extraction.structured import Item, inner_items, text_of
from chalicelib.scraping.extraction.text import MAX_IDENTIFIER, clean, folded, plain_digits

_NEAR = 60
"""Texts around the headline among which the product's own number stands."""
_DIGIT = re.compile(r"\d")
_SHAPE = re.compile(r"[\w][\w./\-–+# ]{0,62}[\w]|\w{2}")


def valid_gtin(text: str | None) -> str | None:
    """The digits of a GTIN-8, -12, -13 or -14 with a right check digit (GS1 General Specifications 7.9)."""
    digits = re.sub(r"[\s-]", "", text or "")
    if not digits.isascii() or not digits.isdigit() or len(digits) not in (8, 12, 13, 14) or not digits.strip("0"):
        return None
    total = sum(int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(digits[:-1])))
    return digits if (10 - total % 10) % 10 == int(digits[-1]) else None


def gtin_of(page: Page, product: Item | None, labels: bool = True) -> str | None:
    """The product's GTIN from its structured data or (with ``labels``) a labelled text of the page."""
    named = [
        text_of(item, name)
        for item in _with_offers(product)
        for name in ("gtin13", "gtin", "gtin14", "gtin12", "gtin8", "ean", "isbn")
    ]
    seen = (
        [
            *(value for kind, value in _labelled(page) if kind == "gtin"),
            page.meta("product:ean", "product:gtin", "product:upc"),
        ]
        if labels
        else []
    )
    return next((gtin for text in [*named, *seen] if (gtin := valid_gtin(text))), None)


def mpn_of(page: Page, product: Item | None, labels: bool = True) -> str | None:
    """The maker's part number from structured data or (with ``labels``) a labelled text of the page."""
    stated = next((text for item in _with_offers(product) if (text := text_of(item, "mpn"))), None)
    seen = (value for kind, value in _labelled(page) if kind == "mpn") if labels else iter(())
    return identifier(stated) or next(seen, None)


def sku_of(page: Page, product: Item | None) -> tuple[str | None, str]:
    """The shop's own id of the product and the rule that gave it.

    In order: an id shown under a label (one that the page's address holds before others), an id shown beside the
    headline that the address holds in another spelling, the structured ids (again those in the address first), an id in
    the address that a form repeats, one in the address alone, one in a form.
    """
    address = [*address_ids(page.canonical_url), *address_ids(page.url)]
    known = {bare(value) for value in address}
    labelled = [value for kind, value in _labelled(page) if kind == "sku"]
    stated = _structured_ids(product)
    repeated = _repeated(page, address)
    for source, candidates in (
        ("label", [value for value in labelled if bare(value) in known]),
        ("label", labelled),
        ("shown", _shown(page, known)),
        ("structured", [value for value in stated if bare(value) in known]),
        ("structured", stated),
        ("address", [value for value in address if value in repeated]),
        ("address", address),
        ("form", list(_form_ids(page))),
        ("meta", [page.meta("product:retailer_item_id", "product:sku", "product:retailer_part_no")]),
    ):
        for candidate in candidates:
            if (found := identifier(candidate)) is not None:
                return found, source
    return None, ""


def bare(text: str) -> str:
    """An identifier for comparing: letters and digits, without the letter or zeros before it (``p07901312``)."""
    return re.sub(r"^[a-z]?0*", "", re.sub(r"[\W_]", "", text.lower()))


def _shown(page: Page, known: set[str]) -> list[str]:
    """Texts near the headline that are an id of the address in the shop's spelling (``7901/312``)."""
    near = (
        piece
        for piece in page.visible
        if abs(piece.order - page.headline_order) <= _NEAR and piece.place.zone == "main" and len(piece.text) <= 40
    )
    tokens = (token.strip(".,;:()[]") for piece in near for token in piece.text.split())
    return [
        token for token in tokens if len(bare(token)) >= 5 and (bare(token) in known or _ends_one(bare(token), known))
    ]


def _ends_one(token: str, known: set[str]) -> bool:
    """Whether an id of the address is ``token`` behind a digit or two (a line or season before the model)."""
    return len(token) >= 6 and any(value.endswith(token) and len(value) - len(token) <= 2 for value in known)


def structured_sku(product: Item) -> str | None:
    """The shop's id that structured data states."""
    return next((found for text in _structured_ids(product) if (found := identifier(text))), None)


def _with_offers(product: Item | None) -> list[Item]:
    return [] if product is None else [product, *inner_items(product, "offers", "hasVariant")]


def _structured_ids(product: Item | None) -> list[str]:
    found = []
    for name in ("sku", "productID", "productId"):
        for item in _with_offers(product):
            text = text_of(item, name)
            if text:
                found.append(re.sub(r"^(?:sku|mpn|isbn|asin|id|upc|ean)\s*[:#]\s*", "", text, flags=re.IGNORECASE))
    return found


def identifier(text: object) -> str | None:
    """``text`` when it looks like an identifier: 2 to 64 characters, some digit or all capitals, no sentence."""
    value = clean(str(text or ""), MAX_IDENTIFIER + 1)
    if not 2 <= len(value) <= MAX_IDENTIFIER or value.count(" ") > 3 or "://" in value or not _SHAPE.fullmatch(value):
        return None
    return value if _DIGIT.search(value) or (value.isupper() and " " not in value) else None


def _labelled(page: Page) -> Iterator[tuple[str, str]]:
    """(kind, value) of every identifier that stands behind its label, in one text or in the next."""
    visible = page.visible
    for index, piece in enumerate(visible):
        if piece.place.zone not in ("main", "review") or len(piece.text) > 160:
            continue
        text = plain_digits(piece.text)
        for kind, pattern in identifier_words.LABELS:
            match = pattern.match(text)
            if match and (value := _value(text[match.end() :], visible[index + 1 : index + 3])):
                yield kind, value
                break


def _value(rest: str, following: list[Piece]) -> str | None:
    rest = rest.strip(" :#\u00a0.-–|")
    if not rest:
        rest = next((piece.text for piece in following if piece.text.strip(" :#.")), "").strip(" :#")
    token = rest if len(rest) <= 24 and rest.count(" ") <= 3 else rest.split(" ", 1)[0]
    return identifier(token.strip(" ,;|()[]"))


def address_ids(url: str) -> Iterator[str]:
    """Ids in an address, the likeliest first: of the query, then of the path from its end."""
    parts = urlsplit(url)
    for name, value in parse_qsl(parts.query):
        if folded(name) in identifier_words.QUERY_NAMES and _DIGIT.search(value):
            yield value
    for segment in reversed([unquote(segment) for segment in parts.path.split("/") if segment]):
        segment = re.sub(r"\.\w{2,5}$", "", segment)
        if re.fullmatch(r"[A-Za-z]{0,6}\d[A-Za-z\d]{2,}|[A-Z\d]{8,}", segment):
            yield segment
            continue
        match = re.search(
            r"(?:[-_,.]|^)(?:(?:p|iid|id|sku|art|pid)[-_]?)?(\d{4,}|[A-Z\d]{3,}\d[A-Z\d]{3,})(?:[-_.](?:pdt|p|html))?$",
            segment,
        )
        if match:
            yield match[1]


def _repeated(page: Page, ids: list[str]) -> set[str]:
    wanted = set(ids)
    return wanted & set(_form_ids(page)) if wanted else set()


def _form_ids(page: Page) -> Iterator[str]:
    """Ids in hidden fields and data attributes that are named as such, within the product's part of the page."""
    for element in page.root.iter("input", "form", "button", "div", "section", "article", "meta"):
        if element.tag == "input" and folded(element.get("name") or "") in identifier_words.FIELD_NAMES:
            yield clean(element.get("value") or "", MAX_IDENTIFIER)
        for name in ATTRIBUTES:
            if (value := element.get(name)) and _DIGIT.search(value) and len(value) <= MAX_IDENTIFIER:
                yield clean(value, MAX_IDENTIFIER)
