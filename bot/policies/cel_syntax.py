"""What people write in a condition who think of another language: found by its lexemes.

Only a condition that CEL has refused for its syntax is looked at.
"""

import re
from collections.abc import Sequence

from bot.policies.cel_lexemes import Fault, Kind, Lexeme
from bot.policies.cel_words import FUNCTIONS

SHOWN = 40  # characters of a lexeme
_BRACKETS = {"(": ")", "[": "]", "{": "}"}
_VALUES = {Kind.NAME, Kind.TEXT, Kind.NUMBER}
_ESCAPE = re.compile(
    r"""\\(?![abfnrtv"'\\?`]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[xX][0-9a-fA-F]{2}|[0-3][0-7]{2})"""
)
# Signs of other languages; a longer one stands before those that it begins with.
_SIGNS = {
    "===": "==",
    "!==": "!=",
    "<>": "!=",
    "=>": ">=",
    "=<": "<=",
    ":=": "==",
    "??": ".orValue(…)",
    "?.": ".? before a name that may be missing",
    "/*": "// before a comment",
    "=": "==",
    "&": "&&",
    "|": "||",
    "#": "// before a comment",
    ";": "nothing after a condition",
}
_WORDS = {
    "and": "&&",
    "or": "||",
    "is": "==",
    "eq": "==",
    "equals": "==",
    "ne": "!=",
    "gt": ">",
    "ge": ">=",
    "lt": "<",
    "le": "<=",
    "like": FUNCTIONS["matches"],
    "matches": FUNCTIONS["matches"],
    "contains": FUNCTIONS["contains"],
    "startswith": FUNCTIONS["startsWith"],
    "endswith": FUNCTIONS["endsWith"],
    "not": "! as in !(x in y)",
    "if": "condition ? one : other",
    "then": "condition ? one : other",
    "else": "condition ? one : other",
}
_QUOTES = "\u201c\u201d\u201e\u2018\u2019\u201a"  # that word processors make


def misspelt(text: str, lexemes: Sequence[Lexeme]) -> Fault | None:
    """The first thing that CEL spells in another way: its offset, and what is needed."""
    brackets: list[Lexeme] = []
    for number, lexeme in enumerate(lexemes):
        before = lexemes[number - 1] if number else None
        if found := _sign(text, lexeme, before) or _in_text(lexeme) or _beside(lexeme, before):
            return found
        if lexeme.kind is Kind.WRONG:
            return Fault(lexeme.at, _wrong(lexeme.text))
        if lexeme.text in _BRACKETS:
            brackets.append(lexeme)
        elif lexeme.text in _BRACKETS.values():
            opened = brackets.pop() if brackets else None
            if not opened:
                return Fault(lexeme.at, f"found {lexeme.text} that nothing opens, need none")
            if (needed := _BRACKETS[opened.text]) != lexeme.text:
                return Fault(
                    lexeme.at, f"found {lexeme.text}, need {needed} for the {opened.text} before it"
                )
    if brackets:
        opened = brackets[-1]
        return Fault(opened.at, f"found {opened.text} without its {_BRACKETS[opened.text]}")
    return None


def short(lexeme: Lexeme) -> str:
    """A lexeme as it is shown, cut where it is long."""
    return lexeme.text if len(lexeme.text) <= SHOWN else f"{lexeme.text[:SHOWN]}…"


def _sign(text: str, lexeme: Lexeme, before: Lexeme | None) -> Fault | None:
    if lexeme.kind not in {Kind.SIGN, Kind.WRONG}:
        return None
    for sign, needed in _SIGNS.items():
        longer = lexeme.kind is Kind.WRONG or len(sign) > len(lexeme.text)
        # `?.` may be right, where what follows is a value of its own.
        of_value = sign != "?." or (before and before.ends_value)
        if longer and of_value and text.startswith(sign, lexeme.at):
            return Fault(lexeme.at, f"found {sign}, need {needed}")
    return None


def _in_text(lexeme: Lexeme) -> Fault | None:
    if lexeme.kind is not Kind.TEXT or re.match("[bB]?[rR]", lexeme.text):
        return None
    if escape := _ESCAPE.search(lexeme.text.replace("\\\\", "  ")):
        found = lexeme.text[escape.start() : escape.end() + 1]
        needed = r"\\ for a backslash, or r before the text"
        return Fault(lexeme.at + escape.start(), f"found {found} in a text, need {needed}")
    return None


def _beside(lexeme: Lexeme, before: Lexeme | None) -> Fault | None:
    """A value right behind another."""
    if lexeme.kind not in _VALUES or not before or not before.ends_value:
        return None
    for word in (before, lexeme):
        if word.kind is Kind.NAME and (needed := _WORDS.get(word.text.lower())):
            return Fault(word.at, f"found {word.text}, need {needed}")
    quote = ""
    if before.kind is Kind.TEXT and lexeme.at == before.at + len(before.text):
        quote = rf"; a quote in a text is \{before.text[-1]}"
    found = f"found {short(lexeme)} after {short(before)}"
    return Fault(lexeme.at, f"{found}, need an operator such as == or && between them{quote}")


def _wrong(letter: str) -> str:
    if letter in _QUOTES:
        return f"found {letter}, need \" or ' around a text"
    if letter in "\"'":
        return f"found a text without its closing {letter}"
    if letter.isprintable() and not letter.isspace():
        return f"found {letter}, which is no part of CEL"
    return f"found the character U+{ord(letter):04X}, need a blank"
