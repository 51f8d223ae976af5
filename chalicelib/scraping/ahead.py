"""Reading ahead: the page that comes next is loaded while products are read from the present one and kept."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context

from chalicelib.scraping.pages import Page


class ReadingAhead:
    """Pages by address, one at a time, each read once.  Use it with ``with``: the end waits for what is loading.

    What goes wrong with a page that was read ahead is raised when it is asked for, as if it were read then.
    """

    def __init__(self, read: Callable[[str], Page]) -> None:
        """``read`` gives the page at an address; it is called from another thread, never twice at the same time."""
        self._read = read
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="page")
        self._next: tuple[str, Future[Page]] | None = None

    def __enter__(self) -> ReadingAhead:
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def page(self, url: str) -> Page:
        """The page at ``url``: the one that was read ahead, or else read now.  Raises what ``read`` raises."""
        ahead, self._next = self._next, None
        page = ahead[1] if ahead is not None and ahead[0] == url else self._submit(url)
        return page.result()

    def begin(self, url: str) -> None:
        """Read the page at ``url`` meanwhile: it is probably asked for next."""
        self._next = url, self._submit(url)

    def has_begun(self, url: str | None) -> bool:
        """Whether the page at ``url`` is the one that is being read ahead."""
        return self._next is not None and self._next[0] == url

    def _submit(self, url: str) -> Future[Page]:
        return self._pool.submit(copy_context().run, self._read, url)
