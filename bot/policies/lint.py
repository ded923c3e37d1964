"""What works but is seldom meant: findings that don't stop the start."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime

from bot.domain.person import SYSTEMS
from bot.domain.policy import OnExpiry, Policy
from bot.domain.violation import Severity
from bot.policies import lint_bands, lint_conditions
from bot.policies.deciders import sparsely_known
from bot.policies.imports import CsvImport
from bot.policies.lint_bands import holders
from bot.policies.lint_conditions import Finding
from bot.policies.load import POLICIES, Config
from bot.policies.policies import HIGH


def lint(config: Config, now: datetime | None = None, signers: Collection[str] = ()) -> list[str]:
    """A line for each finding about policies and sources, with its place, as of `now`.

    Without a time it is now, by the machine's clock. `signers` are all names that `source` may
    have; where none are known, nothing is said of those that conditions ask for.
    """
    now = now or datetime.now(UTC)
    lines: list[str] = []
    for policy in config.policies.values():
        found = [Finding(policy.place, what) for what in _seldom_meant(policy)]
        found += lint_conditions.findings(policy, config.policies.values(), now)
        found += lint_bands.findings(policy)
        found += lint_conditions.unknown_signers(policy, signers)
        lines += (f"{place}: {policy.id}: {what}" for place, what in found)
    lines += _owners(config)
    classes = {policy.risk_class for policy in config.policies.values()}
    lines += (
        f"{POLICIES}: high_risk: no policy has the risk class {name!r}"
        for name in config.high_risk
        if name not in classes
    )
    classes |= {HIGH} if config.high_risk else set()
    lines += (
        f"{POLICIES}: retention: no policy has the risk class {name!r}"
        for name in config.retention
        if name not in classes
    )
    return [*lines, *config.sources.doubts]


def _seldom_meant(policy: Policy) -> Iterator[str]:
    if policy.on_expiry is OnExpiry.ALLOW and policy.severity.rank >= Severity.HIGH.rank:
        yield f"on_expiry: allow at severity {policy.severity}: what nobody looks at is allowed"
    if len(holders(policy.adjudicator)) == 1:
        yield "the adjudicator has no backup: their holiday is an expiry"
    if holders(policy.validator) == holders(policy.adjudicator):
        yield "the same people validate and adjudicate: no second pair of eyes"
    if not policy.private:
        yield "private: false: everybody in the workspace can read its rooms"


def _owners(config: Config) -> Iterator[str]:
    """Owners of rules who may be any stranger at a system where others have accounts listed."""
    people = config.people.people
    common = [each for each in SYSTEMS if any(who.listed_in(each) for who in people.values())]
    told: set[str] = set()
    for policy in config.policies.values():
        for rule in policy.auto_clear:
            owner = people[rule.owner]
            missing = [each for each in common if not owner.listed_in(each)]
            if missing and owner.name not in told:
                told.add(owner.name)
                where = f"{policy.file}:{rule.line}: {policy.id}: rule {rule.id}"
                needed = " and ".join(f"`{each}: …`" for each in missing)
                yield (
                    f"{where} clears nothing of whoever is known by {' or '.join(missing)} alone: "
                    f"its owner may be them; need {needed} at {owner.name} in people.yaml"
                )


def lint_people(config: Config) -> tuple[list[str], list[str]]:
    """The same about people, as far as the files say it: findings, and what is only worth a note.

    What a file lacks an import may have.
    """
    imports = config.people.imports
    absent = (each.absence for each in imports if isinstance(each, CsvImport))
    findings = [f"{absence}; until then its last import holds" for absence in absent if absence]
    deciders = [f"people.yaml: {line}" for line in sparsely_known(config.policies, config.people)]
    return (findings, deciders) if imports else ([*findings, *deciders], [])
