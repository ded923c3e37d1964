"""The lexemes of a condition in CEL and where they stand; blanks and comments are none.

Rules
- A text is one lexeme, whatever stands in it.
- What is no lexeme of CEL is one of the kind `WRONG`, a character each.
"""

import re
from collections.abc import Sequence
from enum import Enum, auto
from typing import NamedTuple


class Kind(Enum):
    """What a lexeme is."""

    NAME = auto()
    TEXT = auto()
    NUMBER = auto()
    SIGN = auto()
    WRONG = auto()
    END = auto()


class Lexeme(NamedTuple):
    """A lexeme and its offset; the last one of a condition is its `END`."""

    kind: Kind
    text: str
    at: int

    @property
    def name(self) -> str:
        """A name as it is meant: a field's may be spelt in backquotes."""
        return self.text.strip("`")

    @property
    def literal(self) -> str | None:
        """What a text says; None for bytes, and for what has an escape in it."""
        found = _LITERAL.fullmatch(self.text)
        if not found or ("\\" in found["said"] and not found["raw"]):
            return None
        return found["said"]

    @property
    def ends_value(self) -> bool:
        """Whether a value may end with it, so that an operator, and no other value, follows."""
        return self.kind in _VALUES or self.text in {")", "]", "}"}


class Fault(NamedTuple):
    """What is wrong with a condition: the offset of where, what was found and what is needed."""

    at: int
    message: str


_LITERAL = re.compile(
    r"""(?P<raw>[rR]?)(?P<quote>\"{3}|'{3}|"|')(?P<said>.*)(?P=quote)""", re.DOTALL
)
_KINDS = {kind.name: kind for kind in Kind}
_VALUES = (Kind.NAME, Kind.TEXT, Kind.NUMBER)
_LEXEME = re.compile(
    r"""
    (?:[\t\r\n\f ]+ | //[^\n]*)+
  | (?P<TEXT> [bB]?
        (?: [rR] (?: \"{3}.*?\"{3} | '{3}.*?'{3} | "[^"\r\n]*" | '[^'\r\n]*' )
          | \"{3}(?:\\.|[^\\])*?\"{3} | '{3}(?:\\.|[^\\])*?'{3}
          | "(?:\\.|[^\\"\r\n])*" | '(?:\\.|[^\\'\r\n])*' ) )
  | (?P<NUMBER> 0[xX][0-9a-fA-F]+[uU]? | [0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?
        | [0-9]+[eE][+-]?[0-9]+ | [0-9]+[uU]? )
  | (?P<SIGN> in\b | == | != | <= | >= | && | \|\| | [][{}().,!?:+*/%<>-] )
  | (?P<NAME> [A-Za-z_]\w* | `[A-Za-z0-9_./\ -]+` )
  | (?P<WRONG> . )
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)


def lexemes(text: str) -> list[Lexeme]:
    """All of them, in the order of the text."""
    found = [
        Lexeme(_KINDS[match.lastgroup], match[0], match.start())
        for match in _LEXEME.finditer(text)
        if match.lastgroup
    ]
    return [*found, Lexeme(Kind.END, "", len(text))]


def two_from(lexemes: Sequence[Lexeme], number: int) -> tuple[Lexeme, Lexeme]:
    """The lexeme of this number and the one behind it; the end, where there is none."""
    end = lexemes[-1]
    first, second = [*lexemes[number : number + 2], end, end][:2]
    return first, second


def place(text: str, at: int) -> tuple[int, int]:
    """Line and column of an offset, both counted from 1."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def offset(text: str, line: int, column: int) -> int:
    """The offset of a line and column; the reverse of `place`."""
    return sum(len(each) + 1 for each in text.split("\n")[: line - 1]) + column - 1
