"""The sample shop of the local stack (``local/shop``): a form asks for the postcode, scripts render the listing."""

from chalicelib.scraping.shops.declaration import BySteps, Selectors, Shop, Step

_LONDON = "E EC N NW SE SW W WC"
_NORTH = "BB BD BL CA CH CW DH DL DN FY HD HG HU HX L LA LS M NE OL PR S SK SR TS WA WF WN YO"
_SCOTLAND = "AB DD DG EH FK G HS IV KA KW KY ML PA PH TD ZE"
_NOT_SERVED = "BT GY IM JE"
_REGIONS = {"london": _LONDON, "north": _NORTH, "scotland": _SCOTLAND, "": _NOT_SERVED}

SHOP = Shop(
    key="sample",
    name="Larkfield & Sons",
    hosts=("127.0.0.1:8070",),
    start=("http://127.0.0.1:8070/products",),
    locating=BySteps(
        url="http://127.0.0.1:8070/",
        steps=(Step(selector="#postcode", text="{postcode}"), Step(selector="form button", wait="#products")),
    ),
    regions={"": "south"} | {area: region for region, areas in _REGIONS.items() for area in areas.split()},
    selectors=Selectors(card="article.card", brand=".brand"),
    ready="#products[data-state=ready]",
    currency="GBP",
    pause=0,
)
