"""As much of PromQL as our dashboard and alerts use: what an expression asks for.

Rules
- Whatever is not understood is an error: an expression is never passed for want of understanding.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

FUNCTIONS = frozenset(
    "absent count histogram_quantile increase max min rate sum vector".split()  # noqa: SIM905 - a list of words
)
GROUPINGS = frozenset({"by", "without", "on", "ignoring", "group_left", "group_right"})
OPERATORS = frozenset({"and", "or", "unless", "bool"})
SCRAPED = frozenset({"instance", "job"})  # Prometheus' own, on everything
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"[^"]*")|(?P<range>\[(?:[0-9]+[smhdw]|\$__rate_interval)\])
    |(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)
    |(?P<sign>=~|!~|!=|==|>=|<=|[-+*/<>=(){},]))""",
    re.VERBOSE,
)

Series = Mapping[str, Mapping[str, set[str]]]  # name → label → values


class SyntaxProblemError(Exception):
    """Not an expression, or one of a kind that this doesn't read."""


@dataclass
class Asked:
    """What an expression asks for: metrics with their matchers, and labels to group by."""

    metrics: list[tuple[str, list[tuple[str, str, str]]]] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)


def asked(expression: str) -> Asked:
    """What `expression` asks for. SyntaxProblemError."""
    tokens, found, depth = _tokens(expression), Asked(), 0
    while tokens:
        kind, token = tokens.pop(0)
        depth += {"(": 1, ")": -1}.get(token, 0)
        if depth < 0 or token in "{}":
            raise SyntaxProblemError(f"{expression}: unexpected {token}")
        if kind != "name" or token in OPERATORS:
            continue
        if token in GROUPINGS:
            found.labels |= set(_grouped(tokens))
        elif tokens[:1] == [("sign", "(")] or tokens[:1] == [("name", "by")]:
            if token not in FUNCTIONS:
                raise SyntaxProblemError(f"{expression}: no function {token}")
        else:
            found.metrics.append((token, list(_matchers(tokens))))
    if depth:
        raise SyntaxProblemError(f"{expression}: {depth} parentheses are not closed")
    return found


def complaints(expression: str, exposed: Series) -> Iterator[str]:
    """What `expression` asks for that is not in `exposed`."""
    found = asked(expression)
    if not found.metrics:
        yield f"{expression}: asks for no metric"
    known = set(SCRAPED)
    for metric, matchers in found.metrics:
        labels = exposed.get(metric)
        if labels is None:
            yield f"{expression}: there is no {metric}"
            continue
        known |= labels.keys()
        for label, sign, value in matchers:
            values = set(value.split("|")) if "~" in sign else {value}
            if label not in labels:
                yield f"{expression}: {metric} has no label {label}"
            elif not values <= labels[label]:
                yield f"{expression}: {label} is never one of {values - labels[label]}"
    if found.labels - known:
        yield f"{expression}: grouped by {found.labels - known}, which nothing has"


def _tokens(expression: str) -> list[tuple[str, str]]:
    tokens, at = [], 0
    text = expression.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise SyntaxProblemError(f"{expression}: can't read {text[at : at + 20]!r}")
        tokens.append((str(match.lastgroup), match[str(match.lastgroup)]))
        at = match.end()
    return tokens


def _grouped(tokens: list[tuple[str, str]]) -> Iterator[str]:
    if not tokens or tokens.pop(0)[1] != "(":
        raise SyntaxProblemError("labels stand in parentheses")
    while tokens:
        kind, token = tokens.pop(0)
        if token == ")":
            return
        if kind == "name":
            yield token
        elif token != ",":
            raise SyntaxProblemError(f"found {token} where a label is needed")


def _matchers(tokens: list[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    if tokens[:1] != [("sign", "{")]:
        return
    tokens.pop(0)
    while tokens and tokens[0][1] != "}":
        (kind, label), (_, sign), (text, value) = tokens.pop(0), tokens.pop(0), tokens.pop(0)
        if kind != "name" or sign not in {"=", "!=", "=~", "!~"} or text != "text":
            raise SyntaxProblemError(f"found {label}{sign}{value} where a matcher is needed")
        yield label, sign, value.strip('"')
        if tokens[:1] == [("sign", ",")]:
            tokens.pop(0)
    if not tokens:
        raise SyntaxProblemError("a matcher is not closed")
    tokens.pop(0)
