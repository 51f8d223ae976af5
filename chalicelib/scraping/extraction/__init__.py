"""Pages → products: structured data first, checked against what people see.

``extract_product`` reads a product page, ``extract_listing`` the cards of a listing page; ``RENDERED_HTML_JS`` is what
a browser runs to hand over the page with its hidden, crossed-out and prominent texts marked.
"""

from chalicelib.scraping.extraction.listing import extract_listing
from chalicelib.scraping.extraction.models import CardSelectors, ExtractedProduct, PageVerdict
from chalicelib.scraping.extraction.product import extract_product
from chalicelib.scraping.extraction.rendering import RENDERED_HTML_JS

__all__ = ["RENDERED_HTML_JS", "CardSelectors", "ExtractedProduct", "PageVerdict", "extract_listing", "extract_product"]
