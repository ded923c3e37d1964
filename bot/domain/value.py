"""The bases of every value: frozen, written to and read from JSON.

Rules
- What comes in from outside is strict: an unknown field is an error, not a silent loss.
- What we wrote ourselves is read tolerantly (`read`): a field or a word that a newer version wrote,
  and this one doesn't know, is kept and written back.
- A change names only fields that exist.
"""

from contextvars import ContextVar
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

# Whether what is being validated is the record.
_READING: ContextVar[bool] = ContextVar("reading", default=False)


def is_reading() -> bool:
    """Whether what is being validated is what we wrote, and not what comes in."""
    return _READING.get()


class StoredWord(StrEnum):
    """One word of a list that may grow; nothing else is accepted where one comes in.

    Where the record is read, a word that only a newer version has in its list is kept as a value
    of the same type, equal to the word itself and to no member of the list.
    """

    @classmethod
    def read(cls, word: str) -> Self:
        """The member of the list that `word` is, or the word as it stands in the record."""
        try:
            return cls(word)
        except ValueError:
            return cls._kept(word)

    @property
    def is_known(self) -> bool:
        """Whether it is in this version's list."""
        return self in tuple(type(self))

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        return cls._kept(value) if isinstance(value, str) and _READING.get() else None

    @classmethod
    def _kept(cls, word: str) -> Self:
        kept = str.__new__(cls, word)
        kept._name_ = kept._value_ = word
        return kept


class Value(BaseModel):
    """A frozen value; an unknown field is an error.

    An error doesn't print what it found: that may be a justification, and errors are logged.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def but(self, **changes: object) -> Self:
        """The same value with these fields changed, not validated; TypeError for an unknown one."""
        kind = type(self)
        if unknown := changes.keys() - kind.__pydantic_fields__.keys():
            raise TypeError(f"{kind.__name__} has no field {', '.join(sorted(unknown))}")
        # What `model_copy` does of a value without private attributes: that took four times as
        # long, and every event that is folded makes two or three such copies.
        changed, extra = kind.__new__(kind), self.__pydantic_extra__
        object.__setattr__(changed, "__dict__", {**self.__dict__, **changes})
        object.__setattr__(changed, "__pydantic_extra__", extra and dict(extra))
        fields_set = self.__pydantic_fields_set__ | changes.keys()
        object.__setattr__(changed, "__pydantic_fields_set__", fields_set)
        object.__setattr__(changed, "__pydantic_private__", None)
        return changed


class StoredValue(Value):
    """A value that stands in the record: unknown fields are kept, and written back.

    Where one comes in from outside, it is validated with `extra="forbid"`. Each of its enums is a
    `StoredWord`.
    """

    model_config = ConfigDict(extra="allow")

    @classmethod
    def read(cls, stored: str | dict[str, Any]) -> Self:
        """The value that we wrote, from its JSON as text or as an object; unknown words are kept.

        ValidationError for what no version can have written.
        """
        token = _READING.set(True)
        try:
            if isinstance(stored, str):
                return cls.model_validate_json(stored)
            return cls.model_validate(stored)
        finally:
            _READING.reset(token)
