"""Reading the answer to a page's own document out of the browser's network log."""

import json
from typing import Any

from chalicelib.scraping.network_log import answer_of


def entry(url: str, status: int, kind: str = "Document", **headers: str) -> dict[str, Any]:
    response = {"url": url, "status": status, "headers": headers}
    message = {"method": "Network.responseReceived", "params": {"type": kind, "response": response}}
    return {"message": json.dumps({"message": message})}


def test_the_documents_own_answer_counts_not_that_of_what_it_loads() -> None:
    entries = [entry("http://shop/1", 503, **{"Retry-After": "7"}), entry("http://shop/1.js", 200, kind="Script")]
    assert answer_of(entries, "http://shop/1#top") == (503, 7)


def test_of_several_answers_the_last_counts() -> None:
    assert answer_of([entry("http://shop/1", 429), entry("http://shop/1", 200)], "http://shop/1") == (200, None)


def test_without_an_answer_there_is_no_status() -> None:
    assert answer_of([entry("http://shop/2", 200)], "http://shop/1") == (0, None)
