"""Those who decide, and by how many identities their own changes can be recognised.

Rules
- A decider is everybody whom some policy gives a role. Who is only in a Slack user group is none
  whom a file could say more of.
- Who has no GitHub login or no address may be a stranger in what a pipeline reports, and a change
  of theirs is held back as nobody's.
"""

from collections.abc import Mapping

from bot.domain.person import EMAIL, GITHUB
from bot.domain.policy import Policy
from bot.policies.people import Directory

_WORDS = {EMAIL: "e-mail address", GITHUB: "GitHub login"}


def sparsely_known(policies: Mapping[str, Policy], directory: Directory) -> list[str]:
    """A line for each decider without an address or a login, by the file and whatever is imported.

    By name, in the order of the file.
    """
    rosters = [
        roster for each in policies.values() for roster in (each.validator, each.adjudicator)
    ]
    deciders = {name for roster in rosters for name in (*roster.members, *roster.backups)}
    lines: list[str] = []
    for name in directory.people:
        missing = [system for system in _WORDS if not _has(directory, name, system)]
        if name in deciders and missing:
            what = " and no ".join(_WORDS[system] for system in missing)
            keys = " and ".join(f"`{system}: …`" for system in missing)
            lines.append(
                f"{name} decides, and has no {what}: their own changes may be a stranger's; "
                f"need {keys} at {name} in people.yaml, or from an import"
            )
    return lines


def _has(directory: Directory, name: str, system: str) -> bool:
    claimed = (
        account
        for account, persons in directory.claims.items()
        if any(person.name == name for person in persons)
    )
    listed = directory.people[name].listed_in(system)
    return listed or any(account.startswith(f"{system}:") for account in claimed)
