"""The bases of every value: frozen, written to and read from JSON.

Rules
- What comes in from outside is strict: an unknown field is an error, not a silent loss.
- What we wrote ourselves is read tolerantly: a field that a newer version wrote, and this one
  doesn't know, is kept and written back.
- A change names only fields that exist.
"""

import re
from typing import Self

from pydantic import BaseModel, ConfigDict

# What a database's text can't hold: NUL, and half a surrogate pair.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class Value(BaseModel):
    """A frozen value; an unknown field is an error.

    An error doesn't print what it found: that may be a justification, and errors are logged.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def but(self, **changes: object) -> Self:
        """The same value with these fields changed, not validated; TypeError for an unknown one."""
        if unknown := changes.keys() - type(self).model_fields.keys():
            raise TypeError(f"{type(self).__name__} has no field {', '.join(sorted(unknown))}")
        return self.model_copy(update=changes)


class StoredValue(Value):
    """A value that stands in the record: unknown fields are kept, and written back.

    Where one comes in from outside, it is validated with `extra="forbid"`.
    """

    model_config = ConfigDict(extra="allow")
