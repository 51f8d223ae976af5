"""The composition root: hands each stage what it needs and carries its result to the next one.

Stages know each other only through ``models``; this is the one place that knows them all.  Imports stand inside the
functions so that a Lambda function loads only what its own stage needs.
"""

from __future__ import annotations
