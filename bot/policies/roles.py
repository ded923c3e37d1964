"""Who may decide: names of `policies.yaml` looked up in `people.yaml`.

Rules
- A role is given to a person, a group or a Slack user group; never by the event.
- A policy that leaves nobody eligible to decide is refused: one person alone could never have
  their own violation decided.
- A person's or a group's name goes before a Slack user group's id.
"""

import re
from collections.abc import Iterable

from bot.domain.policy import Roster
from bot.policies.people import Read
from bot.policies.policy_file import RoleEntry
from bot.yaml.problems import Problem, instead
from bot.yaml.reader import KeyPath, YamlFile

USER_GROUP = re.compile(r"S[A-Z0-9]+")

_Side = tuple[tuple[str, ...], str | None]


def roster(
    source: YamlFile, path: KeyPath, role: RoleEntry, people: Read, problems: list[Problem]
) -> Roster | None:
    """Who may hold the role at `path`; None where a name in it has a problem."""
    first = _side(source, (*path, "from"), role.source, people, problems)
    second = _side(source, (*path, "backup"), role.backup, people, problems)
    if first is None or second is None:
        return None
    return Roster(
        label=", ".join(role.source),
        members=first[0],
        backups=second[0],
        member_group=first[1],
        backup_group=second[1],
    )


def _side(
    source: YamlFile, path: KeyPath, names: list[str], people: Read, problems: list[Problem]
) -> _Side | None:
    members: list[str] = []
    groups: list[str] = []
    whole = True
    for number, name in enumerate(names):
        found = people.directory.members(name)
        if found is not None:
            members += found
        elif people.excuses(name):
            whole = False
        elif USER_GROUP.fullmatch(name) and not groups:
            groups.append(name)
        else:
            message = f"found the unknown person or group {name!r}, "
            message += instead(name, people.directory.names())
            if USER_GROUP.fullmatch(name):
                message = f"found {name!r} beside {groups[0]!r}, need one Slack user group at most"
            # In the short form, `validator: [val, viv]`, there is no `from`.
            listed = path if path in source.places else path[:-1]
            problems.append(source.problem((*listed, number), message))
            whole = False
    return (tuple(dict.fromkeys(members)), next(iter(groups), None)) if whole else None


def undecidable(source: YamlFile, path: KeyPath, rosters: Iterable[Roster]) -> Iterable[Problem]:
    """A problem where one person alone holds every role."""
    known = tuple(rosters)
    if any(roster.member_group or roster.backup_group for roster in known):
        return
    if len({name for roster in known for name in (*roster.members, *roster.backups)}) == 1:
        message = (
            "found one person in every role, need somebody else in one, or as a backup: "
            "nobody could decide on a violation of theirs"
        )
        yield source.problem(path, message)
