"""Turns the lower-case titles of the source into names as a shop would print them.  Used by ``make_data`` only."""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CAPITALS = _words(
    "hp lcd led usb hdmi tv hdtv dvd cd gb mb tb sd sdhc ddr ddr2 ddr3 atx sata am fm mp3 pc lg jvc evga msi pny gps "
    "dlp vga dvi rca ac dc ata ide poe vhf uhf cb uv lsu usc ii iii iv pci kvm lto ps rj agp dect mp hd slr dslr"
)
_SMALL = _words("a and at by for from in of on or the to up w with")
_SPELT = {word.lower(): word for word in _words("iPhone iPod iPad iHome iLuv MHz GHz Wi-Fi")}
_MODEL = re.compile(r"(?=.*\d)(?=.*[a-z])[a-z0-9-]{4,}")
_UNITS = "inch(?:es)?|feet|foot|ft|pack|pk|port|sheet|pocket|tab|hour|way|in-\\d|mm|ml|mhz|ghz|count|pin|key|piece|year"
_QUANTITY = re.compile(rf"[\d.]+-?(?:{_UNITS})")
_CATEGORIES = (
    ("Ink & toner", r"toner|ink|inkjet|cartridge|drum|ribbon|imaging|maintenance kit"),
    ("Bags & cases", r"case|bag|sleeve|backpack|holster|cover|pouch|briefcase|shell|skin"),
    ("Audio", r"headphones?|earphones?|earbuds?|headset|speakers?|subwoofer|amplifier|mp3|microphone|radio|stereo"),
    ("Storage", r"drive|memory|flash|sdhc|usb stick|enclosure|ddr\d?|ssd"),
    ("Networking", r"router|switch|wi-fi|ethernet|antenna|powerline|network|access point|cable|patch"),
    ("Cameras", r"cameras?|lens|tripod|flash|photo|binoculars?|camcorder"),
    ("TV & projection", r"tv|hdtv|projector|projection|screen|dvd|hdmi|mount"),
    ("Computing", r"laptop|notebook|netbook|tablet|keyboard|mouse|monitor|graphics|motherboard|printer|scanner|usb"),
    ("Power & cooling", r"cooler|fan|adapter|charger|battery|batteries|power|surge"),
    ("Office", r"paper|pads?|labels?|binders?|folders?|file|desk|chair|stapler|shredder|pens?|pencils?|calculator"),
    ("Workplace", r"markers?|scale|mat|box|board|tape|notes|dispenser|envelopes?|cabinet"),
)


def shop_name(title: str) -> str:
    """``hp 56 black ink c6656an - 2 x 5 ml`` → ``HP 56 Black Ink C6656AN – 2 × 5 ml``."""
    words = [_word(word, first=not position) for position, word in enumerate(title.split())]
    return _typeset(" ".join(words))


def brand_name(brand: str) -> str:
    """A brand as printed: ``d-link`` → ``D-Link``."""
    return " ".join(_word(word, first=True) for word in brand.split())


def category_of(title: str) -> str:
    """The department a product stands in, by the words of its title."""
    for category, words in _CATEGORIES:
        if re.search(rf"\b(?:{words})\b", title):
            return category
    return "Everything else"


def _word(word: str, *, first: bool) -> str:
    if word in _SPELT:
        return _SPELT[word]
    if word in _CAPITALS or (_MODEL.fullmatch(word) and not _QUANTITY.fullmatch(word)):
        return word.upper()
    if _QUANTITY.fullmatch(word) or word in ("ml", "mm", "cm", "kg"):
        return word
    if word in _SMALL and not first:
        return word
    return "-".join(part.upper() if part in _CAPITALS else part.capitalize() for part in word.split("-"))


def _typeset(name: str) -> str:
    name = re.sub(r"(?<=\d) X (?=\d)", " × ", name, flags=re.IGNORECASE)
    name = re.sub(r" Tm\b", "™", name)
    name = re.sub(r" \. ?", " ", name)
    return re.sub(r" - ", " – ", name).strip(" –-")
