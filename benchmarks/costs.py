"""What a month costs at 1,000, 100,000 and 10 million requests; writes docs/costs.md (``make costs``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from pathlib import Path

from benchmarks.api_servers import database
from benchmarks.costs_counting import count
from benchmarks.harness import ROOT, Report, single
from benchmarks.prices import HOURS, LOOKED_UP, PRICES

PAGE = ROOT / "docs" / "costs.md"
TEMPLATE = Path(__file__).with_name("costs_page.md")
SIZES = (1_000, 100_000, 10_000_000)
Amounts = dict[str, Decimal]


@dataclass(frozen=True)
class Month:
    """A month of a stage with so many requests.  Everything but ``requests`` is an assumption."""

    requests: int
    runs: Decimal = Decimal("4.35")
    """Scrape runs: weekly."""
    shops: int = 20
    pages_per_job: int = 40
    products_per_catalog: int = 5_000
    changed_share: Decimal = Decimal("0.05")
    """Products whose price or stock differs from the run before."""
    new_share: Decimal = Decimal("0.1")
    """Requests that are made in the month; as many are deleted."""
    lists_per_request: Decimal = Decimal(1)
    texts_per_request: Decimal = Decimal("0.1")
    parts_per_text: Decimal = Decimal("1.3")

    @property
    def regions(self) -> int:
        """Regions of a shop that anybody asks for: catalogues are region-wide (``CATALOG_KEYS=region``)."""
        return min(200, max(1, self.requests // 50))

    @property
    def postcodes(self) -> int:
        """Ten requests a postcode, of at most 1.7 million in the country."""
        return min(1_700_000, self.requests // 10)


def run(data: Path | None) -> Report:
    """Counts units of DynamoDB on DynamoDB Local, multiplies, and writes the page."""
    with database() as stage:
        counted = count(stage)
    months = [Month(requests) for requests in SIZES]
    tables = [cost(month, counted) for month in months]
    PAGE.write_text(page(months, tables, counted), encoding="utf-8")
    figures = {
        f"{month.requests}": single(float(sum(table.values())), "$")
        for month, table in zip(months, tables, strict=True)
    }
    return Report(figures=figures, notes=[f"Written to {PAGE.relative_to(ROOT)}; prices of {LOOKED_UP}."])


def cost(month: Month, counted: Mapping[str, Decimal]) -> Amounts:
    """US dollars of a month by what they are paid for."""
    n = Decimal(month.requests)
    calls = n * month.new_share + n * month.lists_per_request
    jobs = Decimal(month.shops * month.regions) * month.runs
    pages = jobs * month.pages_per_job
    products = Decimal(month.regions * month.products_per_catalog) * month.runs
    changed = products * month.changed_share
    tasks = Decimal(month.postcodes) * month.runs * 7  # the matcher runs daily, beside each scrape
    texts = n * month.texts_per_request
    unchanged = products - changed
    writes = (
        n * month.new_share * (counted["write units of a POST"] + counted["write units of a DELETE"])
        + unchanged * counted["write units of an unchanged product"]
        + changed * counted["write units of a changed product"]
        + texts * counted["write units of a text"]
    )
    reads = (
        n * month.lists_per_request * 2
        + unchanged * counted["read units of an unchanged product"]
        + changed * counted["read units of a changed product"]
        + tasks * counted["read units of a postcode's requests"]
        + texts * counted["read units of a text"]
    )
    seconds = calls * Decimal("0.025") + pages * Decimal("2.0") + tasks * Decimal("0.5") + texts * Decimal("0.075")
    invocations = calls + jobs * 3 + tasks / 10 + texts / 10 + changed / 500 + 43_800
    logs = (calls * 600 + pages * 300 + tasks * 300 + texts * 1_500) / 10**9
    return {
        "API Gateway": calls * PRICES["API Gateway call"],
        "Lambda": seconds * PRICES["Lambda GB-second"] + invocations * PRICES["Lambda call"],
        "DynamoDB": writes * PRICES["DynamoDB write unit"]
        + reads * PRICES["DynamoDB read unit"]
        + (n * 2_000 + products / month.runs * 1_000) / 10**9 * PRICES["DynamoDB GB-month"],
        "OpenSearch": _search(month),
        "SQS and SNS": (jobs * 6 + tasks * 3 + texts * 3) * PRICES["SQS call"] + texts * PRICES["SNS publish"],
        "CloudWatch": logs * PRICES["log GB"] + 25 * PRICES["metric-month"] + 16 * PRICES["alarm-month"],
        "texts": texts * month.parts_per_text * PRICES["text part (GB)"],
    }


def _search(month: Month) -> Decimal:
    if month.requests <= 1_000:
        return HOURS * PRICES["t3.small.search hour"] + 10 * PRICES["search GB-month"]
    nodes = 3 if month.requests <= 100_000 else 9
    return nodes * (HOURS * PRICES["r7g.large.search hour"] + 100 * PRICES["search GB-month"])


def container(month: Month) -> Decimal:
    """The same work on containers that are always on: two for the API, one browser's worth for each 20 jobs at once, a
    database server, search and texts as they are."""
    workers = max(1, month.shops // 20) + (month.requests // 1_000_000)
    hour = PRICES["Fargate vCPU hour"] + 2 * PRICES["Fargate GB hour"]
    servers = (2 + workers) * hour + PRICES["load balancer hour"] + 2 * PRICES["db.t4g.medium hour"]
    texts = month.requests * month.texts_per_request * month.parts_per_text * PRICES["text part (GB)"]
    return HOURS * servers + _search(month) + texts


def hosted(month: Month) -> Decimal:
    """A service that watches one page for each wish, checked as often, and texts at the same price."""
    checks = month.requests * month.runs * PRICES["hosted page check"]
    return checks + month.requests * month.texts_per_request * month.parts_per_text * PRICES["text part (GB)"]


def page(months: list[Month], tables: list[Amounts], counted: Mapping[str, Decimal]) -> str:
    """The document, from the figures."""
    heads = " | ".join(f"{month.requests:,}" for month in months)
    rows = [f"| {name} | " + " | ".join(_dollars(table[name]) for table in tables) + " |" for name in tables[0]]
    totals = [sum(table.values(), Decimal(0)) for table in tables]
    rows.append("| **together** | " + " | ".join(f"**{_dollars(total)}**" for total in totals) + " |")
    each = zip(totals, months, strict=True)
    rows.append("| for each request | " + " | ".join(f"{total / month.requests:.4f}" for total, month in each) + " |")
    rows.append(
        "| containers that are always on | " + " | ".join(_dollars(container(month)) for month in months) + " |"
    )
    rows.append("| a hosted page watcher | " + " | ".join(_dollars(hosted(month)) for month in months) + " |")
    units = "\n".join(f"| {name} | {amount.normalize():f} |" for name, amount in counted.items())
    prices = "\n".join(f"| {name} | {price.normalize():f} |" for name, price in PRICES.items())
    return TEMPLATE.read_text(encoding="utf-8").format(
        heads=heads, line="|---:" * len(months), rows="\n".join(rows), units=units, prices=prices, date=LOOKED_UP
    )


def _dollars(amount: Decimal) -> str:
    return f"{amount.quantize(Decimal('0.01') if amount < 100 else Decimal(1), rounding=ROUND_UP):,}"
