"""What AWS charges, as the cost table takes it: list prices of us-east-1 in US dollars, without free tiers.

As published price lists and guides told them on 27 November 2026; those marked *assumed* were not found there and are
our reading of AWS's price pages.  Check them before a budget: prices change, and differ by region.
"""

from __future__ import annotations

from decimal import Decimal

LOOKED_UP = "2026-11-27"
MILLION = 1_000_000
HOURS = 730
"""In a month."""

PRICES: dict[str, Decimal] = {
    "API Gateway call": Decimal("3.50") / MILLION,
    "Lambda call": Decimal("0.20") / MILLION,
    "Lambda GB-second": Decimal("0.0000166667"),
    "DynamoDB write unit": Decimal("0.625") / MILLION,
    "DynamoDB read unit": Decimal("0.125") / MILLION,
    "DynamoDB GB-month": Decimal("0.25"),  # assumed
    "SQS call": Decimal("0.40") / MILLION,  # assumed
    "SNS publish": Decimal("0.50") / MILLION,
    "text part (GB)": Decimal("0.05"),  # assumed; the setting SMS_PRICES has the same
    "log GB": Decimal("0.50"),  # assumed
    "metric-month": Decimal("0.30"),  # assumed
    "alarm-month": Decimal("0.10"),  # assumed
    "t3.small.search hour": Decimal("0.036"),  # assumed
    "r7g.large.search hour": Decimal("0.167"),  # assumed
    "search GB-month": Decimal("0.122"),  # assumed
    "Fargate vCPU hour": Decimal("0.04048"),
    "Fargate GB hour": Decimal("0.004445"),
    "load balancer hour": Decimal("0.0225"),  # assumed
    "db.t4g.medium hour": Decimal("0.065"),  # assumed
    "hosted page check": Decimal("0.002"),  # assumed: a service that watches a page for changes, by the check
}
