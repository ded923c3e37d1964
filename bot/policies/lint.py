"""What works but is seldom meant: findings that don't stop the start."""

from bot.domain.policy import OnExpiry, Policy, Roster
from bot.domain.violation import Severity
from bot.policies.deciders import sparsely_known
from bot.policies.imports import CsvImport
from bot.policies.load import Config


def lint(config: Config) -> list[str]:
    """A line for each finding about policies and sources, with its place."""
    findings: list[tuple[Policy, str]] = []
    for policy in config.policies.values():
        if policy.on_expiry is OnExpiry.ALLOW and policy.severity.rank >= Severity.HIGH.rank:
            what = (
                f"on_expiry: allow at severity {policy.severity}: what nobody looks at is allowed"
            )
            findings.append((policy, what))
        if len(_holders(policy.adjudicator)) == 1:
            findings.append((policy, "the adjudicator has no backup: their holiday is an expiry"))
        if _holders(policy.validator) == _holders(policy.adjudicator):
            what = "the same people validate and adjudicate: no second pair of eyes"
            findings.append((policy, what))
        if not policy.private:
            what = "private: false: everybody in the workspace can read its rooms"
            findings.append((policy, what))
    lines = [f"{policy.place}: {policy.id}: {what}" for policy, what in findings]
    return [*lines, *config.sources.doubts]


def lint_people(config: Config) -> tuple[list[str], list[str]]:
    """The same about people, as far as the files say it: findings, and what is only worth a note.

    What a file lacks an import may have.
    """
    imports = config.people.imports
    absent = (each.absence for each in imports if isinstance(each, CsvImport))
    findings = [f"{absence}; until then its last import holds" for absence in absent if absence]
    deciders = [f"people.yaml: {line}" for line in sparsely_known(config.policies, config.people)]
    return (findings, deciders) if imports else ([*findings, *deciders], [])


def _holders(roster: Roster) -> set[str]:
    """Everybody who may hold the role; a Slack user group counts for the two it should have."""
    groups = [group for group in (roster.member_group, roster.backup_group) if group]
    inside = [f"{group} {number}" for group in groups for number in (1, 2)]
    return {*roster.members, *roster.backups, *inside}
