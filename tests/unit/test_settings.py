"""Settings are read once, checked, and a wrong one is said in one line that names the variable."""

import pytest

from chalicelib.errors import SettingError
from chalicelib.settings import declared_arn, read_settings


def test_defaults_serve_great_britain_with_the_spec_s_table_names() -> None:
    made = read_settings({})
    assert (made.country, made.user_requests_table, made.catalog_table_prefix) == (
        "GB",
        "UserRequestsTable",
        "ProductCatalog_",
    )


def test_lists_switches_and_pairs_are_read() -> None:
    made = read_settings({"SHOPS": "a, b", "PHONE_PROOF": "on", "SHOP_ORIGINS": "a=http://127.0.0.1:1"})
    assert made.shops == ("a", "b")
    assert made.phone_proof is True
    assert made.shop_origins == {"a": "http://127.0.0.1:1"}


@pytest.mark.parametrize(
    ("variable", "value"), [("PHONE_PROOF", "yes"), ("REQUEST_LIFE_DAYS", "-1"), ("SETTLE_SECONDS", "soon")]
)
def test_a_wrong_value_names_its_variable_in_one_line(variable: str, value: str) -> None:
    with pytest.raises(SettingError) as raised:
        read_settings({variable: value})
    assert variable in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_missing_value_is_named_where_it_is_needed() -> None:
    with pytest.raises(SettingError, match="OPENSEARCH_ENDPOINT is not set"):
        read_settings({}).require("opensearch_endpoint")


def test_an_event_source_is_declared_with_the_stage_s_arn_or_a_placeholder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCRAPE_JOBS_QUEUE_ARN", raising=False)
    assert declared_arn("SCRAPE_JOBS_QUEUE_ARN").startswith("arn:aws:sqs:")
    monkeypatch.setenv("SCRAPE_JOBS_QUEUE_ARN", "arn:aws:sqs:eu-west-1:1:Jobs")
    assert declared_arn("SCRAPE_JOBS_QUEUE_ARN") == "arn:aws:sqs:eu-west-1:1:Jobs"
