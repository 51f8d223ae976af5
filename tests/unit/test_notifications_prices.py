"""Prices come from AWS's own list, and a country without one is said before a text waits for it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from chalicelib.errors import Reject
from chalicelib.notifications import allowance, prices
from chalicelib.settings import settings

NOW = datetime(2026, 6, 15, tzinfo=UTC)


def network(**amounts: float) -> dict[str, Any]:
    return {"mcc": "1", "mnc": "2", "name": "A network", **amounts}


LIST = json.dumps(
    {
        "SMS": {
            "countryPrices": {
                "AA": {
                    "formatView": "ORIGINAL",
                    "transactional": [network(carrierFee=0.0, domesticPrice=0.03031)],
                    "promotional": [network(carrierFee=0.0, domesticPrice=0.029)],
                },
                "BB": {
                    "transactional": [
                        network(carrierFee=0.00421, domesticPrice=0.00774, shortCodeCarrierFee=0.005),
                        network(carrierFee=0.0, domesticPrice=0.00774, shortCodeDomesticPrice=0.009),
                    ],
                    "promotional": [],
                },
                "CC": {"transactional": [], "promotional": []},
            }
        }
    }
)


def test_a_price_is_that_of_the_dearest_network_with_its_fee() -> None:
    assert prices.read(LIST, ["aa", "BB"]) == {"AA": Decimal("0.03031"), "BB": Decimal("0.01274")}


@pytest.mark.parametrize("country", ["CC", "DD"])
def test_a_country_the_list_has_no_price_for_is_named(country: str) -> None:
    with pytest.raises(Reject, match=f"no price for {country}"):
        prices.read(LIST, ["AA", country])


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"SMS": 1}', "<html>"])
def test_another_file_is_not_taken_for_the_list(text: str) -> None:
    with pytest.raises(Reject, match="not AWS's list"):
        prices.read(text, ["AA"])


def test_the_command_prints_the_setting(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "prices.json"
    file.write_text(LIST)
    assert prices.main([str(file), "AA", "BB"]) == 0
    assert capsys.readouterr().out == "SMS_PRICES=AA=0.03031,BB=0.01274\n"
    assert prices.main([str(file), "DD"]) == 2
    assert prices.main([str(tmp_path / "absent.json"), "AA"]) == 2
    assert [line.count("\n") for line in capsys.readouterr().err.splitlines(keepends=True)] == [1, 1]


@pytest.mark.parametrize(("priced", "share"), [("GB=0.05,IE=0.08", 10), ("GB=0.05", 100), ("", 100)])
def test_a_stage_without_a_price_for_its_phones_is_alarmed_as_if_all_were_spent(
    priced: str, share: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported: dict[str, float] = {}
    monkeypatch.setenv("SMS_COUNTRIES", "GB,IE")
    monkeypatch.setenv("SMS_PRICES", priced)
    monkeypatch.setattr(allowance, "spent", lambda _: Decimal(5))
    monkeypatch.setattr(allowance, "count", reported.__setitem__)
    settings.cache_clear()
    assert allowance.report(NOW) == share
    assert reported == {"SmsSpendShare": share}
    settings.cache_clear()
