"""JSON as it is read of an export, fast: a million lines have several million values.

Rules
- What is read is what `json.loads` reads, and what that refuses is refused. pydantic's reader takes
  a third of its time. It refuses more (deep nesting, a surrogate alone), so `json` has the last
  word.
"""

import json
from typing import Any

from pydantic_core import from_json


def parsed(text: str | bytes) -> Any:  # noqa: ANN401 - JSON
    """The value of a JSON text. ValueError or RecursionError where it is none."""
    try:
        return from_json(text)
    except ValueError:
        return json.loads(text if isinstance(text, str) else text.decode())
