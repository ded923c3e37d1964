"""The parts of a condition that all have to hold: what stands between its outermost `&&`."""

from bot.policies.cel_tokens import Kind, tokens

_OPENS, _CLOSES = frozenset("([{"), frozenset(")]}")


def parts(text: str) -> list[str]:
    """The parts in their order; the whole text where another operator holds it together."""
    depth, cuts = 0, [0]
    for token in tokens(text):
        if token.kind is not Kind.SIGN:
            continue
        depth += (token.text in _OPENS) - (token.text in _CLOSES)
        if depth == 0 and token.text in {"||", "?"}:
            before = text[: token.at].rstrip()
            if token.text == "||" or not before.endswith("."):
                return [text.strip()]
        if depth == 0 and token.text == "&&":
            cuts += [token.at, token.at + 2]
    cuts.append(len(text))
    return [text[start:end].strip() for start, end in zip(cuts[::2], cuts[1::2], strict=True)]
