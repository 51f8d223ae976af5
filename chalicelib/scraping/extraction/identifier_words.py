"""What shops call identifiers, in labels, addresses, forms and attributes.  Add words here, never in the rules."""

from __future__ import annotations

import re

_NUMBER = r"(?:\s?(?:no|nr|num|number|nummer|numero|numer|n|#|code|id|kod|kodas)\b\.?|°|º|:|#)*"


def _label(words: str) -> re.Pattern[str]:
    return re.compile(rf"^\W{{0,3}}(?:{words})\s*(?:[:#№]|[-–—]?\s*$|(?=\W?\s*[\w-]*\d))", re.IGNORECASE)


LABELS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("gtin", _label(r"(?:ean|gtin|upc|isbn)(?:[-\s]?(?:8|10|12|13|14))?(?:[\s-]?(?:code|kod|no|nr|number|nummer))?\.?|barcode|штрих-?код|strichcode|codice a barre")),
    ("mpn", _label(r"mpn|(?:manufacturer(?:'s)?|mfr\.?|mfg\.?) (?:part|model|product|ref)?\s?(?:no\.?|number|code|#|reference)|part (?:no\.?|number)|hersteller(?:artikel)?nummer|modellnummer|item model number|model (?:no\.?|number|#)|numero di modello|numero modello articolo|numero de modelo|référence (?:du )?fabricant")),
    ("sku", _label(
        r"sku(?:\s?(?:id|no\.?|number|code))?|asin|dpci|tcin|item (?:no\.?|number|#|id|code)|article (?:no\.?|number|code)|product (?:no\.?|number|code|id|ref(?:erence)?)|catalog(?:ue)? (?:no\.?|number)|stock code|style (?:no\.?|number|code|#)|"
        r"ref(?:erence)?\.?(?:\s?(?:no\.?|number|code))?|web id|ad id|listing id|internet #|"
        r"art(?:ikel)?[-.\s]*(?:nr|nummer|no)\.?|bestell[-\s]?(?:nr|nummer)\.?|produkt(?:nummer|nr|code|-id|id)\.?|"
        r"r[ée]f(?:[ée]rence)?\.?(?:\s(?:produit|article|du produit))?|code (?:article|produit)|"
        r"referencia|c[óo]d(?:igo)?\.?(?:\s(?:de\s)?(?:producto|art[íi]culo|do produto))?|sku producto|refer[êe]ncia|"
        r"cod(?:ice)?\.?\s?(?:articolo|prodotto|art\.?)?|numero oggetto(?: ebay)?|"
        r"artikelcode|varenummer|varenr\.?|tuotenumero|tuotekoodi|tootekood|tuote(?:nro)?|prekes kodas|preces kods|"
        r"(?:numer|nr|kod|indeks|symbol)\s?(?:katalogowy|produktu|artyku[łl]u|ref\.?|towaru)|k[óo]d(?: (?:produktu|zbo[žz][íi]|tovaru))?|katalogov[ée] [čc][íi]slo|[šs]ifra(?: (?:izdelka|artikla|proizvoda))?|cikksz[áa]m|cod produs|"
        r"артикул|код товара|код|арт\.|номер объявления|id товара|ürün kodu|stok kodu|商品編號|商品编号|商品番号|品番|型番|貨號|品號|상품번호"
    )),
)  # fmt: skip
"""(kind, pattern at the start of a text).  The value follows in the same text or stands in the next one."""

QUERY_NAMES = frozenset("sku skuid productid product_id pid itemid item_id item variant variantid artnr articleid offerid iid dpci asin".split())
FIELD_NAMES = frozenset("sku productid product_id product-id pid itemid item_id asin add-to-cart id_product product item productcode product_code articleid idproduct prodid prod_id".split())
ATTRIBUTES = ("data-sku", "data-product-sku", "data-product-id", "data-productid", "data-item-id", "data-itemid", "data-pid", "data-article", "data-product-code", "data-asin")
