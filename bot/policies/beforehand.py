"""What a policy decides beforehand, from its entry: conditions compiled, owners looked up.

Rules
- A condition is compiled when it is loaded: what can't be asked is a problem with its place in the
  file, and not an answer later.
- Rules have no order among each other, and neither have the conditions that never clear.
- A rule and a band of one policy never have the same id: the record names them by it.
- A rule ends, at most `AHEAD_MOST` from when it is loaded; its owner is a person.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from bot.domain.conditions import Condition
from bot.domain.policy import Band, ClearRule, OfferedScope, ScopeKind
from bot.policies.beforehand_file import BandEntry, ClearRuleEntry, ScopeEntry
from bot.policies.cel import CelError, compiled
from bot.policies.people import Read
from bot.policies.policy_file import PolicyEntry
from bot.yaml.problems import Problem, instead
from bot.yaml.reader import KeyPath, YamlFile

AHEAD_MOST = timedelta(days=366)


class Beforehand:
    """Reads one policy's entry, which stands at `path`; what is wrong goes to `problems`."""

    def __init__(
        self, source: YamlFile, path: KeyPath, entry: PolicyEntry, problems: list[Problem]
    ) -> None:
        self._source, self._path, self._entry, self._problems = source, path, entry, problems

    def fields(self, people: Read, now: datetime) -> dict[str, Any]:
        """The policy's fields that have conditions, as the policy holds them."""
        entry = self._entry
        self._once_each()
        self._nothing_varies_that_never_clears()
        return {
            "when": entry.when and self._condition(entry.when, "when"),
            "never_clear": tuple(sorted(self._never_clear(), key=lambda each: each.text)),
            "auto_clear": tuple(
                sorted(
                    (
                        self._rule(rule, number, people, now)
                        for number, rule in enumerate(entry.auto_clear)
                    ),
                    key=lambda rule: rule.id,
                )
            ),
            "bands": tuple(self._band(band, number) for number, band in enumerate(entry.bands)),
            "scopes": tuple(self._scope(each, number) for number, each in enumerate(entry.scopes)),
        }

    def _never_clear(self) -> Iterator[Condition]:
        alone = ("never_clear", 0) if (*self._path, "never_clear", 0) in self._source.places else ()
        for number, text in enumerate(self._entry.never_clear):
            yield self._condition(text, *(("never_clear", number) if alone else ("never_clear",)))

    def _rule(self, rule: ClearRuleEntry, number: int, people: Read, now: datetime) -> ClearRule:
        path = ("auto_clear", number)
        if rule.until > now + AHEAD_MOST:
            latest = (now + AHEAD_MOST - timedelta(days=1)).date()
            written = self._source.value((*self._path, *path, "until"))
            message = f"until: found {written}, need {latest} at the latest: a rule ends"
            self._problem(message, *path, "until")
        directory = people.directory
        if rule.owner not in directory.people and not people.excuses(rule.owner):
            message = f"owner: found the unknown person {rule.owner!r}, "
            self._problem(message + instead(rule.owner, directory.people), *path, "owner")
        return ClearRule(
            id=rule.id,
            when=self._condition(rule.when, *path, "when"),
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
            when=band.when and self._condition(band.when, *path, "when"),
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
        when = self._condition(scope.when, "scopes", number, "when")
        kind = ScopeKind.CONDITION
        return OfferedScope(kind=kind, name=scope.id, when=when, words=scope.words)

    def _condition(self, text: str, *path: str | int) -> Condition:
        here = (*self._path, *path)
        try:
            compiled(text, self._entry.facts)
        except CelError as error:
            place = self._source.place_within(here, error.line, error.column)
            self._problems.append(Problem(place, str(error)))
        place = self._source.place_within(here, 1, 1)
        return Condition(text=text, line=place.line, column=place.column)

    def _once_each(self) -> None:
        entry = self._entry
        rules_and_bands = [
            *((each.id, ("auto_clear", number)) for number, each in enumerate(entry.auto_clear)),
            *((each.id, ("bands", number)) for number, each in enumerate(entry.bands)),
        ]
        own_scopes = [
            (each.id, ("scopes", number))
            for number, each in enumerate(entry.scopes)
            if isinstance(each, ScopeEntry)
        ]
        for named in (rules_and_bands, own_scopes):
            first: dict[str, int] = {}
            for name, path in named:
                line = self._source.place((*self._path, *path)).line
                if name in first:
                    stands = f"it stands in line {first[name]}"
                    self._problem(
                        f"id: found {name!r} a second time, need another: {stands}", *path, "id"
                    )
                first.setdefault(name, line)

    def _nothing_varies_that_never_clears(self) -> None:
        """An exception doesn't ask `never_clear` again, so what that reads has to be the same."""
        entry = self._entry
        for text in entry.never_clear:
            try:
                reads = compiled(text, entry.facts).facts
            except CelError:
                continue  # told in its own place
            for name in entry.varying:
                if reads is None or name in reads:
                    message = f"varying: found {name!r}, which never_clear reads: need others"
                    self._problem(message, "varying")

    def _problem(self, message: str, *path: str | int) -> None:
        self._problems.append(self._source.problem((*self._path, *path), message))
