"""What works but is seldom meant: findings that don't stop the start."""

from bot.domain.policy import OnExpiry, Policy
from bot.domain.violation import Severity
from bot.policies.load import Config


def lint(config: Config) -> list[str]:
    """A line for each finding, with the policy's place."""
    return [finding for policy in config.policies.values() for finding in _findings(policy)]


def _findings(policy: Policy) -> list[str]:
    findings = []
    if policy.on_expiry is OnExpiry.ALLOW and policy.severity.rank >= Severity.HIGH.rank:
        findings.append(
            f"on_expiry: allow at severity {policy.severity}: what nobody looks at is allowed"
        )
    bench = policy.adjudicator
    if len(bench.members) + len(bench.backups) == 1 and not (
        bench.member_group or bench.backup_group
    ):
        findings.append("the adjudicator has no backup: their holiday is an expiry")
    if not policy.private:
        findings.append("private: false: everybody in the workspace can read its rooms")
    return [f"{policy.place}: {policy.id}: {finding}" for finding in findings]
