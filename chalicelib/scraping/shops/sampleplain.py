"""The sample shop read another way: a cookie has the postcode, a sitemap names the pages, and none needs scripts."""

from chalicelib.scraping.shops.declaration import ByCookie, Shop, Sitemap
from chalicelib.scraping.shops.sample import SHOP as SAMPLE

SHOP = Shop(
    key="sampleplain",
    name="Larkfield & Sons",
    hosts=SAMPLE.hosts,
    start=("http://127.0.0.1:8070/sitemap.xml",),
    locating=ByCookie(name="postcode"),
    paging=Sitemap(pattern=r"/p/"),
    regions=SAMPLE.regions,
    needs_script=False,
    currency="GBP",
    pause=0,
)
