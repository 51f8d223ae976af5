"""A restart that keeps what was stored: nobody is texted again, and later changes are noticed."""

from __future__ import annotations

from typing import Any

from system import System

from local.calling import stored_requests
from local.emulator import inbox
from local.run import up


class _Silent:
    def print(self, *_: Any, **__: Any) -> None:
        """Says nothing."""


def test_a_restart_keeps_everything_and_texts_nobody_again(system: System, wish: Any) -> None:
    system.undo_changes()  # the shop keeps none over a restart
    system.scrape()
    phone = "07700 900401"
    offer = system.catalogs()["ProductCatalog_M11AE"]["sample-S370751"]
    wish(postcode="M1 1AE", name=offer["ProductName"], discount=80, phone=phone)
    system.settle()
    requests = stored_requests(system.api)
    catalogs, texts = system.catalogs(), inbox(system.place)

    system.api = up(system.place, _Silent(), keep=True)  # type: ignore[arg-type]

    assert stored_requests(system.api) == requests
    assert system.catalogs() == catalogs
    # Stream records of after the restart are delivered from the first one on.
    cheap = f"{offer['WasPrice'] / 10:.2f}"
    system.change("S370751", price=cheap, region="north")
    progress = system.scrape()
    assert progress.documents == progress.products
    changed = system.catalogs()
    del changed["ProductCatalog_M11AE"]["sample-S370751"], catalogs["ProductCatalog_M11AE"]["sample-S370751"]
    assert changed == catalogs
    assert len(system.texts(phone)) == 1
    assert [text for text in inbox(system.place) if cheap not in text["Message"]] == texts
