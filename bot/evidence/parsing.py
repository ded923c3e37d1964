"""JSON as it is read of an export, fast: a million lines have several million values.

Rules
- What is read is what `json.loads` reads, and what that refuses is refused. pydantic's reader takes
  a third of its time. It refuses more (a surrogate alone), so `json` has the last word.
- But for what is nested deeper than pydantic reads, some 200 levels, which no event is: how deep
  `json` reads depends on who calls it.
"""

import json
from typing import Any

from pydantic_core import from_json

_TOO_DEEP = "recursion limit exceeded"


def parsed(text: str | bytes) -> Any:  # noqa: ANN401 - JSON
    """The value of a JSON text. ValueError where it is none."""
    try:
        return from_json(text)
    except ValueError as error:
        if _TOO_DEEP in str(error):
            raise
    try:
        return json.loads(text if isinstance(text, str) else text.decode())
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
