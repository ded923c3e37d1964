"""`policies.yaml`: the rules, with people resolved and defaults filled in.

Rules
- A role is given to a person, a group or a Slack user group; never by the event.
- A policy that leaves nobody eligible to decide is refused: each role needs somebody, and one
  person alone could never have their own violation decided.
- Unless it is written otherwise, what nobody decides stays blocked.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from bot.domain import duration
from bot.domain.policy import (
    LADDER,
    Bench,
    LadderStep,
    OnExpiry,
    OverrideRule,
    Policy,
    Role,
    Rung,
)
from bot.domain.value import Value
from bot.domain.violation import Severity
from bot.policies.errors import Problem, suggest
from bot.policies.people import Directory
from bot.policies.shape import shaped
from bot.policies.yaml_source import KeyPath, Source

USER_GROUP = "S"
PERCENT = 100


def _duration(value: object) -> timedelta:
    if not isinstance(value, str):
        raise ValueError(f"found {value!r}, need {duration.NEEDED}")  # noqa: TRY004 - pydantic's way
    return duration.parse(value)


def _share(value: object) -> float:
    need = "a share of the window between 1% and 99%, such as 25%"
    text = str(value)
    try:
        share = float(text.removesuffix("%")) / PERCENT
    except ValueError:
        share = 0
    if not text.endswith("%") or not 0 < share < 1:
        raise ValueError(f"found {text!r}, need {need}")
    return share


def _names(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _role(value: object) -> object:
    return {"from": value} if isinstance(value, str | list) else value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Names = Annotated[list[str], BeforeValidator(_names)]


class _Role(Value):
    source: Names = Field(alias="from", min_length=1)
    backup: Names = []


class _Roles(Value):
    validator: Annotated[_Role, BeforeValidator(_role)]
    adjudicator: Annotated[_Role, BeforeValidator(_role)]


class _Step(Value):
    at: Annotated[float, BeforeValidator(_share)]
    do: Rung


class _Override(Value):
    min_justification: int = Field(default=40, ge=1, le=3000)
    max_validity: Duration = timedelta(days=30)


class _Defaults(Value):
    window: Duration = timedelta(hours=4)
    severity: Severity = Severity.MEDIUM
    ladder: list[_Step] = [_Step(at=f"{step.at:.0%}", do=step.do) for step in LADDER]
    on_expiry: OnExpiry = OnExpiry.BLOCK
    override: _Override = _Override()
    private: bool = True
    archive_after: Duration = timedelta(days=1)


class _Policy(_Defaults):
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")
    title: str = Field(min_length=1, max_length=150)
    description: str = Field(min_length=1, max_length=1000)
    roles: _Roles


class _File(Value):
    defaults: dict[str, Any] = {}
    policies: list[dict[str, Any]] = Field(min_length=1)


def policies(source: Source, people: Directory, problems: list[Problem]) -> dict[str, Policy]:
    """The policies of a file, by id; what is wrong goes to `problems`."""
    read = shaped(source, _File, source.data, (), problems)
    if read is None or shaped(source, _Defaults, read.defaults, ("defaults",), problems) is None:
        return {}
    found: dict[str, Policy] = {}
    for number, data in enumerate(read.policies):
        path = ("policies", number)
        entry = shaped(source, _Policy, _merged(read.defaults, data), path, problems)
        if entry is None:
            continue
        if entry.id in found:
            message = f"policy {entry.id!r} stands in line {found[entry.id].line} already"
            problems.append(source.problem((*path, "id"), message))
        policy = _policy(source, path, entry, people, problems)
        problems += _undecidable(source, path, policy)
        found[entry.id] = policy
    return found


def _merged(defaults: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    merged = {**defaults, **data}
    if isinstance(defaults.get("override"), dict) and isinstance(data.get("override"), dict):
        merged["override"] = {**defaults["override"], **data["override"]}
    return merged


def _policy(
    source: Source, path: KeyPath, entry: _Policy, people: Directory, problems: list[Problem]
) -> Policy:
    roles = (*path, "roles")
    return Policy(
        id=entry.id,
        title=entry.title,
        description=entry.description,
        severity=entry.severity,
        validator=_bench(source, (*roles, "validator"), entry.roles.validator, people, problems),
        adjudicator=_bench(
            source, (*roles, "adjudicator"), entry.roles.adjudicator, people, problems
        ),
        window=entry.window,
        ladder=tuple(LadderStep(at=step.at, do=step.do) for step in entry.ladder),
        on_expiry=entry.on_expiry,
        override=OverrideRule(**entry.override.model_dump()),
        private=entry.private,
        archive_after=entry.archive_after,
        file=source.file,
        line=source.place(path).line,
    )


def _bench(
    source: Source, path: KeyPath, role: _Role, people: Directory, problems: list[Problem]
) -> Bench:
    resolved: dict[str, tuple[list[str], str | None]] = {}
    for key, names in (("from", role.source), ("backup", role.backup)):
        members: list[str] = []
        group: str | None = None
        for name in names:
            if name in people.groups:
                of = [
                    people.people[key].slack for key in people.groups[name] if key in people.people
                ]
                members += [slack for slack in of if slack not in members]
            elif name in people.people:
                members.append(people.people[name].slack)
            elif name.startswith(USER_GROUP) and name.isupper() and group is None:
                group = name
            else:
                message = f"unknown person or group {name!r}.{suggest(name, people.names())}"
                problems.append(source.problem((*path, key), message))
        resolved[key] = (members, group)
    return Bench(
        label=", ".join(role.source),
        members=tuple(resolved["from"][0]),
        backups=tuple(resolved["backup"][0]),
        member_group=resolved["from"][1],
        backup_group=resolved["backup"][1],
    )


def _undecidable(source: Source, path: KeyPath, policy: Policy) -> Iterable[Problem]:
    benches = [policy.bench(role) for role in (Role.VALIDATOR, Role.ADJUDICATOR)]
    if any(bench.member_group or bench.backup_group for bench in benches):
        return
    deciding = {user for bench in benches for user in (*bench.members, *bench.backups)}
    if len(deciding) == 1:
        message = (
            f"{policy.id}: one person holds every role, so nobody could decide on a violation "
            "of theirs; name somebody else as well, or a backup"
        )
        yield source.problem((*path, "roles"), message)
