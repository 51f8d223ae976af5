"""What shops call the parts of their pages (classes, ids, headings).  Add names here, never in the rules."""

from __future__ import annotations

import re

TELLING_TAGS = frozenset(("a", "nav", "footer", "aside", "del", "s", "strike", "select", "option", "dialog"))

HIDDEN_CLASS = re.compile(
    r"\s(?:hidden|hide|is-hidden|d-none|u-hidden|uk-hidden|ng-hide|display-none|invisible|js-hidden|visuallyhidden-price|none|no-display)\s", re.IGNORECASE
)  # fmt: skip
"""Class names that hide by every common style sheet.  Text for screen readers (``sr-only``) is not hidden: it is true."""

WAS_CLASS = re.compile(
    r"(?:old|was|strike\w*|list|regular|original|before|rrp|crossed|cross|previous|msrp|compare|initial|standard|first|full|base|retail)[-_ ]{0,2}(?:at[-_]?)?(?:price|precio|prix|preis|cena)\b"
    r"|(?:price|precio|prix|preis|cena|pricing)[-_]{0,3}(?:item)?[-_]{0,2}(?:old|was|strike\w*|list|original|before|rrp|crossed|cross|previous|msrp|compare\w*|initial|retail|del)\b"
    r"|\b(?:strike-?through|line-?through|text-strike|strikethrough|crossed-?out)\b"
)

_RELATED = re.compile(
    r"\b(?:related|recommend\w*|similar\w*|upsell\w*|up-sell\w*|cross-?sell\w*|also[-_]?\w+|you[-_]?may\w*|recently\w*|last-?seen|sponsor\w*|accessor\w*|bundles?|"
    r"frequently\w*|complementary|complete-the-look|shop-the-look|other-?products?|more-?products?|more-?from|suggest\w*|p13n|crosslinks?|advert\w*|ads?|banner\w*|compare-?products|compare-?list|product-?carousel|products-?slider|trending|best-?sellers?|popular)\b"
)
_CHROME = re.compile(
    r"\b(?:nav|navbar|navigation|menu|footer|breadcrumbs?|mini-?cart|mini-?basket|cart-drawer|side-?cart|cookies?|consent|newsletter|site-?header|page-?header|global-?header|top-?bar|search-?(?:results|suggest\w*|box)|mega-?menu|autocomplete|store-?locator)\b"
)
_REVIEW = re.compile(r"\b(?:reviews?|review-?list|comments?|ratings?|testimonials?|questions?|q-?and-?a|faq)\b")

_OPTION = re.compile(r"(?:swatch|variant|variation|\bsizes?\b|\bsize[-_]|[-_]size|colou?r|\boptions?\b|taglia|taille|talla|grosse)")
"""Names of one choice among several (a size, a colour), on a list item or a label."""


def zone_of(tag: str, names: str, role: str) -> str:
    """The zone an element opens from its tag, its names (class, id, test hooks) and its role."""
    if tag in ("nav", "footer") or role in ("navigation", "contentinfo", "search"):
        return "chrome"
    if tag in ("option", "select"):
        return "option"
    if tag in ("li", "label") and _OPTION.search(names):
        return "option"
    if not names or tag in ("html", "body", "main"):
        return "main"
    if _RELATED.search(names):
        return "related"
    if _CHROME.search(names):
        return "chrome"
    return "review" if _REVIEW.search(names) else "main"


RELATED_HEADING = re.compile(
    r"^(?:.{0,20}\b(?:you (?:may|might) (?:also )?(?:like|love|need)|also (?:like|bought|viewed|recommend)|related|similar|recommended|recently viewed|frequently bought|"
    r"customers (?:who|also)|complete the look|goes well with|more (?:from|like)|other (?:products|items|customers|ads)|best ?sellers|trending|sponsored|"
    r"ahnliche|kunden kauften|das konnte|zuletzt angesehen|empfehlungen|wird oft|produits similaires|vous aimerez|les clients|associes|recemment consultes|"
    r"productos (?:similares|relacionados)|tambien|te puede|quienes|visto|prodotti (?:simili|correlati)|potrebbe|chi ha|spesso comprati|visti|"
    r"produtos relacionados|voce tambien|quem|vergelijkbare|anderen|aanbevolen|podobne|polecane|klienci|ostatnio|inni|podobne produkty|souvisejici|mohlo by|"
    r"похожие|рекоменд|с этим|вместе|смотрите также|вы смотрели|関連|おすすめ|相關|推薦|看了))",
    re.IGNORECASE,
)  # fmt: skip
"""Headings (folded) under which other products stand."""
