"""What AWS refuses an operator, said in one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from local.trouble import Trouble


@contextmanager
def in_one_line(then: str) -> Iterator[None]:
    """A refusal of AWS, and AWS being out of reach, leave the block as ``Trouble``; ``then`` is what to do after it."""
    try:
        yield
    except ClientError as error:
        told = error.response["Error"]
        said = f"AWS refused {error.operation_name}: {told.get('Code')}, {told.get('Message')}"
        raise Trouble(f"{_one_line(said)}; {then}") from None
    except (BotoCoreError, ResponseParserError) as error:
        raise Trouble(f"AWS could not be asked: {_one_line(str(error))}; {then}") from None


def _one_line(text: str) -> str:
    return " ".join(text.split())[:400]
