"""What shops write when a product can or cannot be had.  Add a language by adding its phrases (folded: no accents, lower case).

Phrases are matched in short visible texts of the product's own part of the page.
"""

from __future__ import annotations

import re

SOLD_OUT = (
    # English
    r"sold[- ]?out", r"out[- ]of[- ]stock", r"(?:currently|temporarily|now|is|are|item|product|online) unavailable", r"unavailable online", r"no longer (?:available|sold|for sale|in stock)",
    r"not (?:currently )?available(?! for)", r"(?:currently )?not in stock", r"none (?:in stock|available)", r"(?:this |product |item |has been |is |now )*discontinued(?= product|\W*$)", r"(?:cannot|can not|can't) (?:currently )?be (?:bought|purchased|ordered)", r"0 in stock", r"stock: 0", r"back soon", r"notify me when", r"email me when",
    r"(?:item|listing|ad|offer|auction) (?:has |is )?(?:been )?(?:ended|expired|sold|removed|deleted|no longer)", r"this (?:listing|ad|item) (?:was|has) (?:ended|sold|expired)", r"coming soon",
    # German
    r"ausverkauft", r"nicht (?:mehr )?(?:verfugbar|lieferbar|auf lager|vorratig|erhaltlich)", r"vergriffen", r"derzeit nicht", r"momentan nicht", r"zurzeit nicht",
    # French
    r"rupture(?: de stock)?", r"(?:en )?rupture", r"epuise", r"indisponible", r"(?:n'est )?plus disponible", r"non disponible", r"victime de son succes",
    # Spanish, Portuguese
    r"agotad[oa]", r"sin (?:stock|existencias)", r"no disponible", r"fuera de stock", r"producto no disponible", r"esgotad[oa]", r"indisponivel", r"sem estoque", r"nao disponivel",
    # Italian
    r"esaurit[oa]", r"non (?:e )?(?:piu |attualmente |al momento )?disponibile", r"attualmente non disponibile", r"terminat[oa]", r"fuori produzione",
    # Dutch, Nordic
    r"uitverkocht", r"niet (?:op voorraad|leverbaar|beschikbaar|meer leverbaar)", r"tijdelijk uitverkocht", r"slutsald", r"slut i lager", r"ej i lager", r"udsolgt", r"ikke pa lager", r"utsolgt", r"loppu(?:unmyyty|nut)?", r"ei saatavilla", r"ei varastossa",
    # Baltic
    r"labi muudud", r"otsas", r"pole saadaval", r"toode (?:pole|ei ole) saadaval", r"nav pieejams", r"ispar(?:duotas|duota|dots)", r"izpardots", r"neturime",
    # Polish, Czech, Slovak, Slovene, Croatian, Hungarian, Romanian
    r"niedostepn\w*", r"brak (?:w magazynie|na stanie|towaru)", r"wyprzedan\w*", r"produkt wycofany", r"vyprodan\w*", r"neni skladem", r"nedostupn\w*", r"nie je (?:na sklade|skladom|dostupn\w*)", r"docasne nedostupn\w*", r"vypredan\w*", r"(?:nie je|neni) (?:momentalne )?mozne\b.{0,20}\b(?:kupit|objednat|koupit)", r"nelze\b.{0,20}\b(?:koupit|objednat)", r"nie mozna\b.{0,20}\b(?:kupic|zamowic)", r"nicht (?:mehr )?bestellbar", r"predaj (?:bol )?ukonceny", r"prodej (?:byl )?ukoncen", r"uz nepredavame", r"ni na zalogi", r"razprodano", r"ni (?:vec )?na voljo", r"rasprodano", r"nije dostupno", r"nincs (?:raktaron|keszleten)", r"elfogyott", r"stoc epuizat", r"indisponibil", r"nu este in stoc",
    # Russian, Ukrainian
    r"нет в (?:наличии|продаже)", r"распродан\w*", r"раскуплен\w*", r"законч\w+", r"товара нет", r"снят с производства", r"недоступен", r"немає в наявності", r"под заказ нет",
    # Turkish, Greek
    r"tukendi", r"stokta yok", r"εξαντλημεν\w*", r"μη διαθεσιμ\w*",
    # Chinese, Japanese, Korean
    r"缺貨", r"缺货", r"售完", r"售罄", r"已售完", r"完售", r"補貨中", r"已下架", r"在庫切れ", r"在庫なし", r"売り切れ", r"品切れ", r"入荷待ち", r"販売終了", r"품절", r"재고 ?없음",
    # Arabic, Hebrew
    r"غير متوفر", r"نفدت", r"אזל מהמלאי",
)  # fmt: skip

IN_STOCK = (
    r"(?<!not )(?<!out of )in[- ]stock", r"available (?:now|online|for (?:delivery|dispatch|home delivery))", r"only \d+ left", r"\d+ (?:available|in stock|left)", r"available from (?:these|other)? ?sellers", r"erhaltlich bei", r"verfugbar bei", r"disponibile presso", r"disponible (?:chez|aupres|a traves)", r"ready to (?:ship|dispatch)", r"ships? (?:today|within|in \d)",
    r"auf lager", r"sofort (?:lieferbar|verfugbar)", r"lieferbar (?:in|bis|innerhalb)", r"nur noch \d+", r"en stock", r"disponible (?:en ligne|immediatement|de inmediato)", r"en existencias", r"hay existencias", r"disponibilita immediata", r"disponibile", r"em estoque",
    r"op voorraad", r"i lager", r"pa lager", r"varastossa", r"laos", r"na stanie", r"w magazynie", r"dostepn[yae]\b", r"skladem", r"na sklade", r"skladom", r"na zalogi", r"dobavljivo", r"raktaron", r"in stoc", r"в наличии", r"есть в наличии", r"в корзину", r"stokta", r"有貨", r"現貨", r"在庫あり", r"재고 있음",
)  # fmt: skip

BUY = (
    r"(?:add|move) (?:(?:it|this|item|items|product|selected) )?(?:to|in) (?:the |your |my |shopping )*(?:cart|basket|bag|trolley)", r"buy(?: it)? now", r"buy", r"order now", r"add to order", r"pre-?order(?: now)?", r"purchase", r"checkout", r"bid now", r"place bid", r"add", r"shop now at \w+", r"go to (?:shop|store)", r"view deal",
    r"in den (?:warenkorb|einkaufswagen)", r"jetzt (?:kaufen|bestellen)", r"in die einkaufstasche", r"ajouter(?: cet article)? au (?:panier|caddie)", r"ajouter", r"acheter(?: maintenant)?", r"(?:anadir|agregar|anade) (?:a la cesta|al carr(?:it)?o|a la bolsa)", r"agregar al (?:carro|carrito)", r"comprar(?: ahora| ya)?", r"adicionar ao carrinho", r"adicionar",
    r"aggiungi al (?:carrello|cestino)", r"acquista(?: ora)?", r"compralo subito", r"in (?:de )?(?:winkelwagen|winkelmand)", r"bestellen", r"lagg i (?:varukorgen|kundvagnen?)", r"kop(?: nu)?", r"laeg i (?:kurv|indkobskurv)", r"legg i handlekurv", r"lisaa (?:ostos)?koriin", r"lisa (?:ostu)?korvi", r"osta(?: kohe)?", r"dodaj do koszyka", r"do koszyka", r"kup (?:teraz|i zaplac)", r"do kosiku", r"pridat do kosiku", r"vlozit do kosiku", r"koupit", r"do kosika", r"vlozit do kosika", r"kupit", r"naroci", r"dodaj v kosarico", r"v kosarico", r"dodaj u kosaricu", r"kosarba(?: teszem)?", r"adauga in cos",
    r"(?:добавить )?в корзину", r"купить(?: сейчас)?(?: в 1 клик)?", r"заказать", r"додати в кошик", r"sepete ekle", r"satin al", r"προσθηκη στο καλαθι", r"加入購物車", r"放入購物車", r"立即購買", r"直接購買", r"加入购物车", r"カートに入れる", r"今すぐ買う", r"購入", r"장바구니", r"أضف إلى", r"הוסף לסל",
)  # fmt: skip
"""What buy buttons say; a button's whole text, optionally with a price or a sign around it."""

AT_PRESENT = re.compile(
    r"\b(?:currently|temporarily|at the moment|at this time|derzeit|momentan|zurzeit|aktuell|vorubergehend|actuellement|momentanement|temporairement|actualmente|temporalmente|attualmente|al momento|momentaneamente|"
    r"atualmente|no momento|tijdelijk|momenteel|obecnie|chwilowo|aktualnie|momentalne|docasne|aktualne|trenutno|jelenleg|momentan|tillfalligt|for tiden|praegu|временно|сейчас|su an)\b"
)
"""Words that make a notice a statement about the present, not a label."""

ELSEWHERE = re.compile(
    r"\b(?:store|stores|shop near|in-store|pick-?up|collect|collection|branch|filiale|markt|magasin|tienda|negozio|punto vendita|sklep\w*|prodejn\w*|predajn\w*|магазин\w*|gift|wrap|delivery to|zip|post ?code|review\w*|warranty)\b"
)
"""Words that make a stock phrase one about a branch, a service or an address, not the product."""

_JOIN = "|".join
SOLD_OUT_PATTERN = re.compile(rf"(?<!\w)(?:{_JOIN(SOLD_OUT)})(?!\w)")
IN_STOCK_PATTERN = re.compile(rf"(?<!\w)(?:{_JOIN(IN_STOCK)})(?!\w)")
BUY_PATTERN = re.compile(rf"^\W*(?:\+\s*)?(?:{_JOIN(BUY)})(?:\W*|\s*[-–|:]?\s*\W?\s?[\d.,]+\s?\W*)$")
