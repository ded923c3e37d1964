"""`policies.yaml`: the rules, with people resolved and defaults filled in.

Rules
- A policy's key wins over the default; of `override`, `storm` and `reasons`, each of
  their keys by itself.
- An id names one policy.
- Which risk classes are the high ones is said once, under `defaults`, and so is for how long
  personal values of each are kept: of a high one for half a year at least.
- Unless it is written otherwise, what nobody decides stays blocked.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from bot.domain import duration
from bot.domain.policy import Policy, Roster
from bot.policies import roles
from bot.policies.beforehand import Beforehand
from bot.policies.people import Read
from bot.policies.policy_file import Defaults, FileDefaults, PoliciesFile, PolicyEntry, RolesEntry
from bot.yaml.problems import Problem
from bot.yaml.reader import KeyPath, YamlFile
from bot.yaml.shape import shaped

HIGH = "high"  # a class, or all high ones where no class is called so
LEAST_OF_HIGH = timedelta(days=183)  # Regulation (EU) 2024/1689, 19(1) and 26(6): six months


class Policies(NamedTuple):
    """The policies of a file, by id; which risk classes are high, and how long each is kept."""

    by_id: dict[str, Policy]
    high_risk: tuple[str, ...] = ()
    retention: dict[str, timedelta] = {}


def policies(source: YamlFile, people: Read, now: datetime, problems: list[Problem]) -> Policies:
    """The policies of a file as it is loaded at `now`; what is wrong goes to `problems`."""
    shaped(source, PoliciesFile, source.data, (), problems)
    data = source.data if isinstance(source.data, dict) else {}
    written, common = data.get("policies"), data.get("defaults", {})
    shared = shaped(source, FileDefaults, common, ("defaults",), problems)
    problems += _kept_too_briefly(source, shared) if shared else ()
    defaults = _of_each(common) if shared else {}
    for name, (first, *others) in ids(source).items():
        line = source.place(first).line
        message = f"id: found {name!r} a second time, need another: it stands in line {line}"
        problems += [source.problem(path, message) for path in others]
    found: dict[str, Policy] = {}
    for number, each in enumerate(written if isinstance(written, list) else ()):
        path, merged = ("policies", number), _merged(defaults, each)
        entry = shaped(source, PolicyEntry, merged, path, problems)
        rosters = _rosters(source, (*path, "roles"), people, problems)
        beforehand = Beforehand(source, path, merged, problems)
        beforehand.check(people, now)
        if entry and rosters:
            fields = beforehand.fields(entry)
            found[entry.id] = entry.policy(*rosters, source.place(path), fields)
    if shared is None:
        return Policies(found)
    return Policies(found, tuple(shared.high_risk), shared.retention)


def ids(source: YamlFile) -> dict[str, list[KeyPath]]:
    """Every id that the file names, with where it stands: those of broken policies too."""
    found: dict[str, list[KeyPath]] = {}
    data = source.data.get("policies") if isinstance(source.data, dict) else None
    for number, entry in enumerate(data if isinstance(data, list) else ()):
        if isinstance(entry, dict) and isinstance(entry.get("id"), str):
            found.setdefault(entry["id"], []).append(("policies", number, "id"))
    return found


def _kept_too_briefly(source: YamlFile, shared: FileDefaults) -> Iterator[Problem]:
    for name, kept in shared.retention.items():
        if kept < LEAST_OF_HIGH and (name == HIGH or name in shared.high_risk):
            message = f"{name}: found {duration.words(kept)}, need 183d at least of a high risk"
            yield source.problem(("defaults", "retention", name), message)


def _of_each(defaults: object) -> object:
    """The defaults without what is said of all policies once."""
    if not isinstance(defaults, dict):
        return defaults
    once = FileDefaults.model_fields.keys() - Defaults.model_fields.keys()
    return {key: value for key, value in defaults.items() if key not in once}


def _merged(defaults: object, data: object) -> object:
    if not isinstance(defaults, dict) or not isinstance(data, dict):
        return data
    merged: dict[str, Any] = {**defaults, **data}
    for key in ("override", "storm", "reasons"):
        if isinstance(defaults.get(key), dict) and isinstance(data.get(key), dict):
            merged[key] = {**defaults[key], **data[key]}
    return merged


def _rosters(
    source: YamlFile, path: KeyPath, people: Read, problems: list[Problem]
) -> tuple[Roster, Roster] | None:
    """Validator and adjudicator; names are looked up even where the rest of a policy is wrong."""
    data = source.data["policies"][path[1]]
    told: list[Problem] = []  # the policy's own shape has reported these
    entry = shaped(
        source, RolesEntry, data.get("roles") if isinstance(data, dict) else {}, (), told
    )
    if entry is None:
        return None
    validator = roles.roster(source, (*path, "validator"), entry.validator, people, problems)
    adjudicator = roles.roster(source, (*path, "adjudicator"), entry.adjudicator, people, problems)
    if validator is None or adjudicator is None:
        return None
    problems += roles.undecidable(source, path, (validator, adjudicator))
    return validator, adjudicator
