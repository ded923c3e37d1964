"""The parts of a condition that all have to hold: what stands between its outermost `&&`."""

from functools import lru_cache

from bot.policies.cel_lexemes import Kind, Lexeme, lexemes

_BETWEEN = frozenset(("&&", "||", "?", ":"))
_OPENS, _CLOSES = frozenset("([{"), frozenset(")]}")


def parts(text: str) -> list[str]:
    """The parts in their order; the whole text where another operator holds it together."""
    depth, cuts = 0, [0]
    for lexeme in lexemes(text):
        if lexeme.kind is not Kind.SIGN:
            continue
        depth += (lexeme.text in _OPENS) - (lexeme.text in _CLOSES)
        if depth == 0 and lexeme.text in {"||", "?"}:
            before = text[: lexeme.at].rstrip()
            if lexeme.text == "||" or not before.endswith("."):
                return [text.strip()]
        if depth == 0 and lexeme.text == "&&":
            cuts += [lexeme.at, lexeme.at + 2]
    cuts.append(len(text))
    return [text[start:end].strip() for start, end in zip(cuts[::2], cuts[1::2], strict=True)]


@lru_cache(maxsize=8192)
def conjuncts(text: str) -> frozenset[str]:
    """The parts however they are spaced and ordered; none of them is `true`.

    A condition that has all parts of another one, and maybe more, holds only where that does.
    """
    spelt = (" ".join(each.text for each in lexemes(part)[:-1]) for part in parts(text))
    return frozenset(part for part in spelt if part != "true")


def compared_with(variable: str, text: str) -> frozenset[str]:
    """The texts that stand beside a variable between `&&`, `||`, `?` and `:` in a condition."""
    found: set[str] = set()
    beside: list[Lexeme] = []
    before = None
    is_there = False
    for lexeme in lexemes(text):
        if lexeme.kind is Kind.END or lexeme.text in _BETWEEN:
            found |= {each.literal for each in beside if is_there and each.literal is not None}
            beside, is_there = [], False
        elif lexeme.kind is Kind.TEXT:
            beside.append(lexeme)
        elif lexeme.kind is Kind.NAME and lexeme.name == variable:
            is_there = is_there or before != "."
        before = lexeme.text
    return frozenset(found)
