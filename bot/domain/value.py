"""The base of every value: frozen, strict about unknown fields, written to and read from JSON."""

import re

from pydantic import BaseModel, ConfigDict

# What a database's text can't hold: NUL, and half a surrogate pair.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class Value(BaseModel):
    """A frozen value; an unknown field is an error, not a silent loss.

    An error doesn't print what it found: that may be a justification, and errors are logged.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
