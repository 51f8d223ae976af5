"""The shop's pages, its listing call and the operator's calls, as a Flask application."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from flask import Flask, Request, Response, abort, jsonify, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from local.shop import pages
from local.shop.faults import Faults, spoilt
from local.shop.regions import REGIONS, NotServed, normalise, region_of
from local.shop.stock import Item, Offer, Stock, WrongChange

COOKIE = "postcode"


def create_app(stock: Stock) -> Flask:
    """The shop over ``stock``.  It keeps nothing else but the faults an operator ordered."""
    app = Flask(__name__)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(shop=pages.SHOP_NAME, pounds=pages.pounds)
    faults = Faults()
    _add_front_door(app)
    _add_shelves(app, stock, faults)
    _add_robots(app, stock)
    _add_admin(app, stock, faults)
    return app


def _add_front_door(app: Flask) -> None:
    @app.get("/")
    def home() -> str:
        return render_template("home.html", postcode=_postcode(request), next=_own_path(request.args.get("next")))

    @app.post("/postcode")
    def set_postcode() -> BaseResponse:
        wanted, following = request.form.get("postcode", ""), _own_path(request.form.get("next"))
        try:
            postcode, _ = normalise(wanted), region_of(wanted)
        except NotServed as problem:
            page = render_template("home.html", postcode=None, next=following, problem=str(problem), typed=wanted[:20])
            return make_response(page, 400)
        answer = redirect(following, 303)
        answer.set_cookie(COOKIE, quote(postcode), max_age=30 * 86_400, samesite="Lax", httponly=True)
        return answer


def _add_shelves(app: Flask, stock: Stock, faults: Faults) -> None:
    @app.get("/products")
    def listing() -> BaseResponse:
        region = _region(request)
        if not region:
            return _ask_postcode()
        number = _page_number(request)
        return spoilt(faults.next()) or make_response(
            render_template("listing.html", page=number, region=REGIONS[region], postcode=_postcode(request))
        )

    @app.get("/api/products")
    def listing_data() -> BaseResponse:
        region = _region(request)
        if not region:
            return make_response(jsonify(error="Choose a postcode first."), 403)
        kind = faults.next()
        return spoilt(kind) or jsonify(_listing(stock if kind != "empty" else Stock({}), region, _page_number(request)))

    @app.get("/p/<sku>")
    @app.get("/p/<sku>/<slug>")
    def product(sku: str, slug: str = "") -> BaseResponse:
        region, item = _region(request), stock.get(sku)
        if not item:
            abort(404)
        if not region:
            return _ask_postcode()
        offer = item.offers.get(region)
        if offer:
            stock.shown(region, [(item, offer)])
        return spoilt(faults.next()) or _product_page(item, offer, region)

    @app.get("/images/<sku>.svg")
    def image(sku: str) -> Response:
        item = stock.get(sku) or abort(404)
        return Response(pages.picture(item), mimetype="image/svg+xml", headers={"Cache-Control": "max-age=86400"})


def _add_robots(app: Flask, stock: Stock) -> None:
    @app.get("/robots.txt")
    def robots() -> Response:
        rules = ("User-agent: *", "Disallow: /admin/", "Allow: /", "", f"Sitemap: {_origin()}/sitemap.xml", "")
        return Response("\n".join(rules), mimetype="text/plain")

    @app.get("/sitemap.xml")
    def sitemap() -> Response:
        sold = {item.sku: item for region in REGIONS for item, _ in stock.on_shelf(region)}
        entries = "".join(f"<url><loc>{_origin()}{pages.path_of(item)}</loc></url>\n" for item in sold.values())
        opening = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        )
        return Response(f"{opening}{entries}</urlset>\n", mimetype="application/xml")


def _add_admin(app: Flask, stock: Stock, faults: Faults) -> None:
    @app.get("/admin/products/<sku>")
    def show(sku: str) -> Response:
        return _described(stock, stock.get(sku) or abort(404))

    @app.post("/admin/products/<sku>")
    def change(sku: str) -> Response:
        if not stock.get(sku):
            abort(404)
        return _described(stock, stock.change(sku, request.get_json()))

    @app.post("/admin/faults")
    def order_faults() -> Response:
        faults.order(request.get_json())
        return jsonify(ordered=True)

    @app.post("/admin/reset")
    def reset() -> Response:
        stock.reset()
        faults.clear()
        return jsonify(reset=True)

    @app.errorhandler(WrongChange)
    def wrong(problem: WrongChange) -> BaseResponse:
        return make_response(jsonify(errors=problem.errors), 400)


def _postcode(asked: Request) -> str | None:
    """The postcode of the visitor's cookie, where it is one the shop serves."""
    typed = asked.cookies.get(COOKIE, "").replace("%20", " ")
    try:
        region_of(typed)
    except NotServed:
        return None
    return normalise(typed)


def _region(asked: Request) -> str | None:
    postcode = _postcode(asked)
    return region_of(postcode) if postcode else None


def _own_path(text: str | None) -> str:
    """Where to go after the postcode: only ever within the shop."""
    own = text and text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()
    return text if own and text else "/products"


def _ask_postcode() -> BaseResponse:
    wanted = request.full_path if request.query_string else request.path
    return redirect(f"/?next={quote(wanted)}", 303)


def _page_number(asked: Request) -> int:
    text = asked.args.get("page", "1")
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and int(text) > 0):
        abort(404)
    return int(text)


def _origin() -> str:
    return request.host_url.rstrip("/")


def _listing(stock: Stock, region: str, number: int) -> dict[str, Any]:
    """One page of a region's shelves: ``{page, pages, total, products, next}``."""
    shelf = stock.on_shelf(region)
    count = pages.page_count(len(shelf))
    if number > count:
        abort(404)
    entries = shelf[(number - 1) * pages.PER_PAGE : number * pages.PER_PAGE]
    stock.shown(region, entries)
    return {
        "page": number,
        "pages": count,
        "total": len(shelf),
        "next": f"/products?page={number + 1}" if number < count else None,
        "products": [pages.card(item, offer) for item, offer in entries],
    }


def _product_page(item: Item, offer: Offer | None, region: str) -> Response:
    data = pages.structured_data(item, offer, _origin()) if offer else None
    page = render_template(
        "product.html",
        item=item,
        card=pages.card(item, offer) if offer else None,
        path=pages.path_of(item),
        region=REGIONS[region],
        postcode=_postcode(request),
        data=json.dumps(data, ensure_ascii=False).replace("<", "\\u003c") if data else None,
    )
    return make_response(page, 200 if offer else 404)


def _described(stock: Stock, item: Item) -> Response:
    """An item as operators see it, with when each region was first shown it as it is now."""
    offers = {
        region: {"price": str(offer.price), "was_price": _text(offer.was_price), "availability": offer.availability}
        for region, offer in item.offers.items()
    }
    shown = stock.first_shown(item.sku)
    return jsonify(sku=item.sku, name=item.name, url=pages.path_of(item), offers=offers, first_shown=shown)


def _text(amount: Any) -> str | None:
    return None if amount is None else str(amount)
