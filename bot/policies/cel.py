"""Conditions in CEL: compiled and type-checked at load, asked of many violations.

Rules
- This is the one module that knows the library.
- A declared fact is read as its type: in what CEL compiles, `facts.x` and `facts.?x` are of the map
  that holds the facts of that type (of a name as long, so that every column stays). What is not
  declared, and `facts` as a whole, is of any type.
- A fact that is of another type than declared, or that CEL can't hold, makes each condition that
  reads it not known, before it is asked: to CEL, `7 != "none"` would be true.
- Whatever fails makes the answer not known; why is said without a fact's value.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from cel_expr_python import cel

from bot.domain.clean_text import UNSTORABLE
from bot.domain.conditions import FactType, Known, Truth
from bot.domain.value import StoredValue
from bot.domain.violation import Report, Severity
from bot.policies.cel_checks import refused
from bot.policies.cel_errors import explained, not_a_condition
from bot.policies.cel_facts import UNSEEN, UNTYPED, Facts, Need
from bot.policies.cel_lexemes import Fault, Kind, Lexeme, lexemes, place
from bot.policies.cel_reads import FACTS, KEYS, Access, accesses, unguarded
from bot.policies.cel_reasons import why_unknown
from bot.policies.cel_syntax import short
from bot.policies.cel_words import FROM_TEXT, type_words

KEPT = 8192  # compiled conditions, of 12 KB each
YES, NO = Known(Truth.YES), Known(Truth.NO)

# The maps of facts by type. Each name is as long as the one that it stands for.
MAPS = {
    UNTYPED: FACTS,
    FactType.STRING: "f_str",
    FactType.DOUBLE: "f_dbl",
    FactType.INT: "f_int",
    FactType.BOOL: "f_boo",
    FactType.LIST: "f_lst",
    FactType.MAP: "f_map",
}
PULL_REQUEST = ("origin", "pull_request")  # the one key that is no text
NUMBERS = "orig_n"
_T = cel.Type
_TEXTS = _T.Map(_T.STRING, _T.STRING)
_VARIABLES = {
    **dict.fromkeys(("policy", "severity", "team", "source"), _T.STRING),
    **dict.fromkeys(KEYS, _TEXTS),
    NUMBERS: _T.Map(_T.STRING, _T.INT),
    "now": _T.TIMESTAMP,
    FACTS: _T.Map(_T.STRING, _T.DYN),
    MAPS[FactType.STRING]: _TEXTS,
    MAPS[FactType.DOUBLE]: _T.Map(_T.STRING, _T.DOUBLE),
    MAPS[FactType.INT]: _T.Map(_T.STRING, _T.INT),
    MAPS[FactType.BOOL]: _T.Map(_T.STRING, _T.BOOL),
    MAPS[FactType.LIST]: _T.Map(_T.STRING, _T.List(_T.DYN)),
    MAPS[FactType.MAP]: _T.Map(_T.STRING, _T.Map(_T.STRING, _T.DYN)),
}
# By their names, whose functions CEL has in it. Each extension that is handed over as a module
# is a library of its own, 2.5 MB of memory, with the same functions.
_EXTENSIONS = """
extensions:
  - {name: optional, version: 2}
  - {name: strings, version: 4}
  - {name: math, version: 2}
"""
_ENVIRONMENT = cel.NewEnv(config=cel.NewEnvConfigFromYaml(_EXTENSIONS), variables=_VARIABLES)


class CelError(Exception):
    """A condition that can't be used: what was found and what is needed, and where in its text."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Bare:
    """A fact that is read in such a way that the condition is not known where it is missing."""

    path: str
    line: int
    column: int


class Inputs:
    """What conditions are asked of: one violation, at one time. Built once and asked by many."""

    def __init__(self, report: Report, severity: Severity, now: datetime, source: str) -> None:
        self.severity = severity
        self.facts = Facts(report.facts)
        self._shared: dict[str, Any] = {
            "policy": report.policy or "",
            "now": now,
            "source": source,
            **{root: _given(getattr(report, root), keys) for root, keys in KEYS.items()},
            NUMBERS: {},
            **{MAPS[kind]: values for kind, values in self.facts.maps.items()},
        }
        if report.team is not None:
            self._shared["team"] = report.team
        if (number := self._shared["origin"].pop(PULL_REQUEST[1], None)) is not None:
            self._shared[NUMBERS][PULL_REQUEST[1]] = number
        self._activations: dict[Severity, cel.Activation] = {}

    def with_severity(self, severity: Severity) -> "Inputs":
        """The same at another severity; the rest is shared."""
        other = copy(self)
        other.severity = severity
        return other

    @property
    def given(self) -> dict[str, Any]:
        """The variables that there are, with what they hold, whether or not CEL has it yet."""
        origin = {**self._shared["origin"], **self._shared[NUMBERS]}
        return {**self._shared, "origin": origin, FACTS: self.facts.given}

    @property
    def activation(self) -> cel.Activation:
        """What CEL reads: one for each severity, until a condition reads a fact of some size."""
        made = self._activations.get(self.severity)
        if made is None:
            self.facts.look_at_light()
            made = _ENVIRONMENT.Activation(data={**self._shared, "severity": self.severity.value})
            self._activations[self.severity] = made
        return made

    def obstacle(self, needs: frozenset[Need], *, whole: bool) -> str | None:
        """Why what a condition reads can't be read as it has to be; None where it can.

        `whole`: it reads the facts as a whole too. Such facts may be called by what is personal.
        """
        wanted = needs | self.facts.needs_of_all() if whole else needs
        looked = [self.facts.look_at(name) for name, kind in wanted if kind == UNSEEN]
        if any(looked):
            self._activations.clear()
        for named in (True, False):
            for name, kind in sorted((needs if named else wanted) & self.facts.open):
                fact = f"facts.{name}" if named else "a fact"
                return f"{fact} {self.facts.why_not(name, kind)}"
        return None


@dataclass(frozen=True, eq=False, slots=True)
class Compiled:
    """A condition that can be asked.

    `facts` are the names of the facts that it reads, None where that can't be told; `bare` are
    those that nothing asks for first; `variables` are the variables that it reads.
    """

    text: str
    facts: frozenset[str] | None
    bare: tuple[Bare, ...]
    variables: frozenset[str]
    read: tuple[Access, ...] = field(repr=False)
    needs: frozenset[Need] = field(repr=False)
    expression: cel.Expression = field(repr=False)

    def ask(self, inputs: Inputs) -> Known:
        """Yes or no; or not known, and why."""
        whole = self.facts is None
        if whole or not self.needs.isdisjoint(inputs.facts.open):
            obstacle = inputs.obstacle(self.needs, whole=whole)
            if obstacle:
                return Known(Truth.UNKNOWN, obstacle)
        try:
            result = self.expression.eval(inputs.activation)
            value = result.value()
            if value is True:
                return YES
            if value is False:
                return NO
            if result.type() == _T.ERROR:
                return self._unknown(str(value), inputs)
            found = type_words(result.type().name())
            return Known(Truth.UNKNOWN, f"the answer is {found}, need true or false")
        except (RuntimeError, TypeError, ValueError) as error:
            # A budget exceeded, an input that CEL can't take, a result that Python can't.
            return self._unknown(str(error), inputs)

    def _unknown(self, said: str, inputs: Inputs) -> Known:
        return Known(Truth.UNKNOWN, why_unknown(said, self.read, inputs.given))


def compiled(text: str, types: Mapping[str, FactType]) -> Compiled:
    """The condition; `types` are the facts that its policy declares. CelError where it is none."""
    return _compiled(text, frozenset(types.items()))


@lru_cache(maxsize=KEPT)
def _compiled(text: str, types: frozenset[tuple[str, FactType]]) -> Compiled:
    declared, written = dict(types), lexemes(text)
    read = accesses(written)
    if unstorable := UNSTORABLE.search(text):
        raise _error(text, Fault(unstorable.start(), "found NUL or half a character, need text"))
    if fault := refused(written, read, reserved={*MAPS.values(), NUMBERS} - {FACTS}):
        raise _error(text, fault)
    try:
        expression = _ENVIRONMENT.compile(_typed(text, read, declared))
    except RuntimeError as error:
        raise _error(text, explained(text, written, str(error))) from error
    answer = expression.return_type().name()
    if answer not in {"BOOL", "DYN"}:
        raise _error(text, Fault(written[0].at, not_a_condition(answer)))
    for fault in _useless(written):
        raise _error(text, fault)
    facts = [access for access in read if access.root == FACTS]
    whole = any(access.is_whole for access in facts)
    names = frozenset(access.path[1] for access in facts if not access.is_whole)
    needed = {**dict.fromkeys(names, UNTYPED), **{name: of.value for name, of in types}}
    return Compiled(
        text=text,
        facts=None if whole else names,
        bare=tuple(
            Bare(".".join(access.bare), *place(text, access.at[0])) for access in unguarded(read)
        ),
        variables=frozenset(access.root for access in read),
        read=tuple(read),
        needs=frozenset(
            (name, kind) for name in (needed if whole else names) for kind in (UNSEEN, needed[name])
        ),
        expression=expression,
    )


def _typed(text: str, read: Iterable[Access], declared: Mapping[str, FactType]) -> str:
    """The text that CEL compiles: each path below the map of its type, every column the same."""
    for access in read:
        holder = access.root
        if access.path[:2] == PULL_REQUEST:
            holder = NUMBERS
        elif access.root == FACTS and not access.is_whole:
            holder = MAPS[declared.get(access.path[1], UNTYPED)]
        start = access.at[0]
        text = f"{text[:start]}{holder}{text[start + len(holder) :]}"
    return text


def _useless(written: Sequence[Lexeme]) -> Iterator[Fault]:
    """Texts that are no time, duration, pattern or zone: CEL itself says so only when asked."""
    for call, bracket, text, end in zip(
        written, written[1:], written[2:], written[3:], strict=False
    ):
        if call.text in FROM_TEXT and bracket.text + end.text == "()" and text.kind is Kind.TEXT:
            trial, needed = FROM_TEXT[call.text]
            if _ENVIRONMENT.compile(trial.format(text.text)).eval().type() == _T.ERROR:
                yield Fault(text.at, f"found {short(text)}, need {needed}")


def _error(text: str, fault: Fault) -> CelError:
    return CelError(fault.message, *place(text, fault.at))


def _given(value: StoredValue, keys: Iterable[str]) -> dict[str, Any]:
    """What a report says of a thing: what it doesn't say is absent."""
    said = ((key, getattr(value, key)) for key in keys)
    return {key: word for key, word in said if word is not None}
