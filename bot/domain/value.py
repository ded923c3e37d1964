"""The base of every value: frozen, strict about unknown fields, written to and read from JSON."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value; an unknown field is an error, not a silent loss."""

    model_config = ConfigDict(frozen=True, extra="forbid")
