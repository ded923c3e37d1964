"""What a policy decides beforehand, from its entry: conditions compiled, owners looked up.

Rules
- A condition is compiled when it is loaded: what can't be asked is a problem with its place in the
  file, and not an answer later.
- What is written is looked at part by part, so that a part of the wrong shape hides no other.
- Rules have no order among each other, and neither have the conditions that never clear.
- A rule and a band of one policy never have the same id: the record names them by it.
- A rule ends, at most `AHEAD_MOST` from when it is loaded; its owner is a person.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from bot.domain.conditions import Condition, FactType
from bot.domain.policy import Band, ClearRule, OfferedScope, ScopeKind
from bot.policies.beforehand_file import CONDITION_MOST, BandEntry, ClearRuleEntry, ScopeEntry
from bot.policies.cel import CelError, compiled
from bot.policies.people import Read
from bot.policies.policy_file import PolicyEntry
from bot.policies.written import end
from bot.yaml.problems import Problem, instead
from bot.yaml.reader import KeyPath, YamlFile

AHEAD_MOST = timedelta(days=366)
NEVER = "never_clear"


class Beforehand:
    """Reads what is `written` of one policy, which stands at `path`.

    What is wrong with its conditions, owners, ends and ids goes to `problems`; what has the wrong
    shape is told by its entry.
    """

    def __init__(
        self, source: YamlFile, path: KeyPath, written: object, problems: list[Problem]
    ) -> None:
        self._source, self._path, self._problems = source, path, problems
        self._written = written if isinstance(written, dict) else {}
        types = self._written.get("facts")
        kinds = {kind.value: kind for kind in FactType}
        self._types = {
            str(name): kinds[kind]
            for name, kind in (types.items() if isinstance(types, dict) else ())
            if isinstance(kind, str) and kind in kinds
        }
        self._conditions = {path: self._condition(text, path) for path, text in self._texts()}

    def check(self, people: Read, now: datetime) -> None:
        """Tell what is wrong as of `now`, beside conditions."""
        for path, rule in self._each("auto_clear"):
            self._ends(rule.get("until"), path, now)
            self._is_owned(rule.get("owner"), path, people)
        self._once_each("auto_clear", "bands")
        self._once_each("scopes")
        self._nothing_varies_that_never_clears()

    def fields(self, entry: PolicyEntry) -> dict[str, Any]:
        """The policy's fields that have conditions, as the policy holds them."""
        never = (condition for path, condition in self._conditions.items() if path[0] == NEVER)
        rules = (self._rule(rule, number) for number, rule in enumerate(entry.auto_clear))
        return {
            "when": self._conditions.get(("when",)),
            "never_clear": tuple(sorted(never, key=lambda each: each.text)),
            "auto_clear": tuple(sorted(rules, key=lambda rule: rule.id)),
            "bands": tuple(self._band(band, number) for number, band in enumerate(entry.bands)),
            "scopes": tuple(self._scope(each, number) for number, each in enumerate(entry.scopes)),
        }

    def _texts(self) -> Iterator[tuple[KeyPath, str]]:
        """Each condition that has the shape of one, with where it stands in the policy."""
        never = self._written.get(NEVER)
        found: list[tuple[KeyPath, object]] = [(("when",), self._written.get("when"))]
        if isinstance(never, list):
            found += [((NEVER, number), text) for number, text in enumerate(never)]
        else:
            found.append(((NEVER,), never))
        for key in ("auto_clear", "bands", "scopes"):
            found += [((*path, "when"), each.get("when")) for path, each in self._each(key)]
        for path, text in found:
            if isinstance(text, str) and 0 < len(text) <= CONDITION_MOST:
                yield path, text

    def _each(self, key: str) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
        """The items of a list that have keys, with where they stand in the policy."""
        items = self._written.get(key)
        for number, each in enumerate(items if isinstance(items, list) else ()):
            if isinstance(each, dict):
                yield (key, number), each

    def _condition(self, text: str, path: KeyPath) -> Condition:
        here = self._at(path)
        try:
            compiled(text, self._types)
        except CelError as error:
            problem = Problem(self._source.place_within(here, error.line, error.column), str(error))
            if problem not in self._problems:  # under `defaults` it is every policy's
                self._problems.append(problem)
        place = self._source.place_within(here, 1, 1)
        return Condition(text=text, line=place.line, column=place.column)

    def _ends(self, until: object, path: KeyPath, now: datetime) -> None:
        latest = now + AHEAD_MOST
        with suppress(ValueError):  # told as of the wrong shape
            if end(until) > latest:
                day = (latest - timedelta(days=1)).date()
                message = f"until: found {until}, need {day} at the latest: a rule ends"
                self._problem(message, *path, "until")

    def _is_owned(self, owner: object, path: KeyPath, people: Read) -> None:
        known = people.directory.people
        if isinstance(owner, str) and owner not in known and not people.excuses(owner):
            message = f"owner: found the unknown person {owner!r}, {instead(owner, known)}"
            self._problem(message, *path, "owner")

    def _rule(self, rule: ClearRuleEntry, number: int) -> ClearRule:
        path = ("auto_clear", number)
        return ClearRule(
            id=rule.id,
            when=self._conditions[*path, "when"],
            reason=rule.reason,
            owner=rule.owner,
            until=rule.until,
            review_sample=rule.review_sample,
            line=self._source.place((*self._path, *path)).line,
        )

    def _band(self, band: BandEntry, number: int) -> Band:
        path = ("bands", number)
        return Band(
            id=band.id,
            when=self._conditions.get((*path, "when")),
            allow=band.then is not None,
            reason=band.reason or "",
            decide=band.decide or (),
            severity=band.severity,
            window=band.window,
            ladder=band.ladder and tuple(step.step for step in band.ladder),
            line=self._source.place((*self._path, *path)).line,
        )

    def _scope(self, scope: ScopeKind | ScopeEntry, number: int) -> OfferedScope:
        if isinstance(scope, ScopeKind):
            return OfferedScope(kind=scope)
        when = self._conditions["scopes", number, "when"]
        kind = ScopeKind.CONDITION
        return OfferedScope(kind=kind, name=scope.id, when=when, words=scope.words)

    def _once_each(self, *keys: str) -> None:
        first: dict[str, int] = {}
        for path, each in (found for key in keys for found in self._each(key)):
            name = each.get("id")
            if not isinstance(name, str):
                continue
            line = self._source.place(self._at(path)).line
            if name in first:
                stands = f"it stands in line {first[name]}"
                self._problem(
                    f"id: found {name!r} a second time, need another: {stands}", *path, "id"
                )
            first.setdefault(name, line)

    def _nothing_varies_that_never_clears(self) -> None:
        """An exception doesn't ask `never_clear` again, so what that reads has to be the same."""
        varying = self._written.get("varying")
        names = varying if isinstance(varying, list) else [varying]
        for path, condition in self._conditions.items():
            if path[0] != NEVER:
                continue
            try:
                reads = compiled(condition.text, self._types).facts
            except CelError:
                continue  # told in its own place
            for name in names:
                if isinstance(name, str) and (reads is None or name in reads):
                    message = f"varying: found {name!r}, which never_clear reads: need others"
                    self._problem(message, "varying")

    def _at(self, path: KeyPath) -> KeyPath:
        """Where in the file a path in the policy is: under `defaults` what is not its own."""
        own = (*self._path, *path[:1]) in self._source.places
        return (*self._path, *path) if own else ("defaults", *path)

    def _problem(self, message: str, *path: str | int) -> None:
        problem = self._source.problem(self._at(path), message)
        if problem not in self._problems:
            self._problems.append(problem)
