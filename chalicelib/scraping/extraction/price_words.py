"""The words beside an amount that tell what it is.  Add a language by adding its words; order of ``_RULES`` decides ties.

Each rule looks at the text just before the amount (its end) or just after it (its start).
"""

from __future__ import annotations

import re

from chalicelib.scraping.extraction.text import folded

_UNITS = (
    r"(?:\d+(?:[.,]\d+)?\s?)?(?:kg|g|gr|mg|l|ltr|litre|liter|litro|lt|ml|cl|dl|m|m2|m²|m3|cm|mm|metre|meter|metro|ft|sq|oz|fl|lb|lbs|kilo|kilogramm|"
    r"gram|grams|stuk|stk|stuck|st|sheet|sheets|tablet|tablets|caps|wash|unit|unite|unidad|unita|szt|ks|кг|г|л|мл|шт|count|ct|100)\b"
)
_PERIOD = r"(?:month|mo|mth|monat|mois|mes|mese|maand|miesiac|mies|mesic|month's|mtl|week|wk|woche|year|yr|day|night|мес|месяц|ay)\b\.?"
_AFTER = {
    "unit": rf"^\s*(?:/|\(?per\b|\(?pro\b|\(?je\b|\(?p\.|\bal\b|\bpor\b|\bau\b|\ble\b|\bla\b|\bil\b|\bza\b|\ba\b|\bper\b|\bза\b|=)\s*{_UNITS}",
    "instalment": rf"^\s*(?:/|per|a|pro|par|al|por|p\.|je|в|x|×)?\s*(?:{_PERIOD}|\d+\s*(?:{_PERIOD}|payments|instal|raten|cuotas|rate\b|mal\b))",
    "saving": r"^\s*(?:off\b|saved|savings?\b|discount|rabatt|de remise|de descuento|di sconto|korting|taniej|скидк|cash ?back|bonus|points?\b)",
    "other": r"^\s*\(?(?:(?:ex|exc|excl|excluding|\+|plus|before|without)\.? ?(?:vat|tax)|netto?\b|ht\b|excl\.? btw|\+ ?iva|sin iva|ohne mwst|bez (?:dph|vat|pdv)|brez ddv|без ндс|delivery|shipping|postage|p&p|deposit|gift ?card|voucher|credit|spend|minimum|versand|pfand|statement|store credit)",
    "member": r"^\s*(?:with|for|mit|avec|con|voor|z)\s+(?:\w+\s+){0,2}?(?:card|club\w*|members?|membership|nectar|prime|karte|carte|tarjeta|loyalty)",
    "from": r"^(?:\+(?=\s*$|[.,;)])|\s*(?:and up|onwards|起|から|~)(?!\w))",
    "was": r"^\s*(?:rrp|uvp|msrp|list price|instead)\b",
}  # fmt: skip
_BEFORE = {
    "multi-buy": r"(?:\b\d+\s*(?:for|fur|pour|per|por|voor|za|x|×|pcs?|st|stk|ks|szt|pack)\s*(?:only|just|nur)?:?|\bany\s+\w+\s+for:?|\bbuy\s+\w+.{0,20}?(?:for|save)|\bmultibuy:?|\bmix (?:and|&) match.{0,20})\s*$",
    "unit": r"(?:unit price|price per \w+|per (?:unit|kg|litre|100\s?\w+)|grundpreis|prix (?:au|par) \w+|precio por \w+|prezzo al \w+|prijs per \w+|ppu|cena za \w+|cena jednostkowa)\s*[:(]?\s*$",
    "instalment": r"(?:\b\d+\s*(?:x|×|payments? of|instal\w+ of|easy payments of|monthly payments of|cuotas (?:de|sin interes)|mensualidades de|rate da|raten (?:a|zu|von)|fois|rat[ay]? po)|monthly|per month|pay only|ab mtl\.|mensuali\w+|рассрочк\w+( от)?|每期|月付|月々|кредит( от)?|в месяц)\s*[:(]?\s*$",
    "saving": r"(?:\bsave|\bsaving|\byou save|you'll save|\bsaved|\boff|\bdiscount( of)?|\bless|ersparnis|\bsparen?|sie sparen|\brabatt|remise( de)?|economisez|\beconomie|ahorras?|ahorro|descuento( de)?|risparmi\w*|sconto|korting|besparing|\boszczed\w+|rabat|usetri\w*|slev\w+|usetrite|скидка|экономия|выгода|coupon|voucher|cash ?back)\s*(?:up to|of|:|\()?\s*$",
    "was": r"(?:\bwas|\bwere|\brrp|\br\.r\.p\.?|msrp|srp|list price|reg(?:ular)?\.?(?: price)?|original(?:ly)?(?: price)?|previous(?:ly)?(?: price)?|before|compare at|retail(?: price)?|typical price|old price|strike price|\bmrp|uvp\*?|statt|vorher|bisher|urspr\w+|fruher\w*|listenpreis|unverb\. preisempf\.|au lieu de|prix (?:conseille|barre|d'origine|public)|ancien prix|avant|antes|precio (?:anterior|normal|original|recomendado|de lista)|pvpr?|prezzo (?:originale|consigliato|precedente|di listino)|prima|anziche|adviesprijs|van|was|vanaf was|cena (?:regularna|katalogowa|przed)|najnizsza cena.{0,40}|poprzednia cena|puvodni cena|puvodne|puvodna cena|bezna cena|pred zlavou|ord\.?\s?pris|ordinarie pris|tidligere|for pris|aiempi hinta|ovh|старая цена|было|цена до|eski fiyat|建議售價|原價|原价|定價|市價|参考価格|定価|通常価格)\s*(?:price)?\s*[:.]?\s*$",
    "from": r"(?:\bfrom|\boptionen von|\bstarting (?:at|from)|\bstarts (?:at|from)|as low as|\bprices? from|\bab|\ba partir de|\bdes|\bdesde|\ba partire da|\bda|\bvanaf|\bod|\bot|\bот|\bfra|\bfran|\balates|\balkaen|低至)\s*(?:nur|only|just|seulement)?\s*[:]?\s*$",
    "member": r"(?:members?(?:'s|s')?(?: only)?(?: price)?|clubcard(?: price)?|club(?: price)?|nectar(?: price)?|loyalty(?: price)?|more ?card(?: price)?|card ?holders?(?: price)?|with (?:\w+ )?card|prime(?: price| member price| members)?|subscribe (?:&|and) save|subscribers?(?: price)?|mitglieder(?:preis)?|kundenkarte|mit karte|prix (?:membre|adherent|fidelite|carte)|precio (?:socio|club|tarjeta)|con tarjeta|prezzo (?:soci|socio|club|carta)|cena (?:klubowa|z karta|s kartou)|kupujete s klubem|ledenprijs|medlems?pris|po karte|по карте|для участников|vip(?: price)?|student(?: price)?|staff price|trade price|with code(?: \w+)?)\s*[:]?\s*$",
    "other": r"(?:delivery|shipping|postage|p&p|deliver(?:y|ed)? (?:from|for)|free (?:delivery|shipping)[^.]{0,30}|\bover|\babove|orders? of|spend|minimum(?: order)?(?: of)?|at least|versand(?:kosten)?|zzgl\.|lieferung|運費|邮费|送料|免運|滿|満|livraison(?: a)?|frais(?: de port)?|envios?|gastos de envio|spedizione|verzend\w*|dostaw\w+|wysylka(?: od)?|doprava|leverans|frakt|toimitus|доставк\w+|gift ?card(?: of)?|deposit(?: of)?|pfand|trade[- ]in(?: value)?(?: up to)?|up to|bis zu|jusqu'a|hasta|fino a|worth|value of|credit(?: of)?|tax(?:es)?|vat|fee|fees|import charges|customs|warranty|protection|insurance|installation|brez ddv|bez pdv|bez dph|bez vat|ohne mwst|zzgl\. mwst|exkl\. mwst|sin iva|iva excluido|senza iva|iva esclusa|excl\.? btw|exkl\.? moms|ekskl\.? moms|ilman alv|без ндс|excl\.? vat|ex\.? vat|exc\.? vat|hors taxes?|netto|rated|reviews?|stars?|earn)\s*(?:is|of|at|from|for|:|\(|\+)?\s*$",
}  # fmt: skip
_RULES = [(kind, "before", re.compile(pattern)) for kind, pattern in _BEFORE.items()] + [
    (kind, "after", re.compile(pattern)) for kind, pattern in _AFTER.items()
]


LABEL = re.compile(
    r"(?:price|preis|prix|precio|preco|prezzo|prijs|pris|hinta|hind|kaina|cena|cijena|ar|pret|fiyat|τιμη|цена|ціна|стоимость|特價|特价|售價|售价|價格|价格|販売価格|価格|税込|가격|السعر|מחיר|now|today|jetzt|nur|only)\s*[:\-–]?\s*$"
)
"""A label (folded) whose value is the price."""


def kind_of(before: str, after: str) -> str:
    """The kind (a value of ``prices.Kind``) of an amount from the texts just before and just after it."""
    texts = {"before": folded(before), "after": folded(after)}
    for kind, side, pattern in _RULES:
        if pattern.search(texts[side]):
            return kind
    return "plain"
