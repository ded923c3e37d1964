"""`warroom exceptions`: what is allowed until an end, as text or JSON."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import click

from bot.domain.count import counted
from bot.domain.exception import ExceptionState, PolicyException
from bot.domain.scope import name_of
from bot.errors import UsageError
from bot.measures.safe_text import columns, plain
from bot.settings import load_settings
from bot.storage.exceptions import until_after
from bot.storage.opening import opened_store
from bot.storage.store import policies_loaded
from bot.yaml.problems import instead

_EVER = datetime.min.replace(tzinfo=UTC)
_ALLOWS = 120  # characters of a row


@click.command()
@click.option("--policy", help="Those of this policy alone.")
@click.option("--subject", help="Those on the subject of this name alone.")
@click.option("--all", "every", is_flag=True, help="Those too that have ended or were revoked.")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def exceptions(*, policy: str | None, subject: str | None, every: bool, as_json: bool) -> None:
    """What approvals and overrides allow until an end, those that end first first."""
    now = datetime.now(UTC)
    with opened_store(load_settings().database_url) as store:
        policies = store.ask(policies_loaded) if policy is not None else set[str]()
        if policy is not None and policy not in policies:
            raise UsageError(f"--policy: found {policy!r}, {instead(policy, policies)}")
        stored = store.ask(lambda asked: until_after(asked, _EVER if every else now))
    found = [
        each
        for each in sorted(stored, key=lambda each: (each.until, each.id))
        if (every or each.is_active(now))
        and (policy is None or each.policy_id == policy)
        and (subject is None or each.subject.name == subject)
    ]
    if as_json:
        click.echo(json.dumps([_document(each, now) for each in found], indent=2))
    else:
        click.echo("\n".join(_table(found, now)) if found else "No exception is active.")


def _document(exception: PolicyException, now: datetime) -> dict[str, Any]:
    review = exception.review_at
    return {
        "id": exception.id,
        "policy": exception.policy_id,
        "scope": name_of(exception.scope) if exception.scope else None,
        "allows": exception.allows,
        "until": exception.until.isoformat(),
        "allowed_by": exception.allowed_by,
        "owner": exception.owner,
        "team": exception.team,
        "severity": exception.severity,
        "waived": exception.waived,
        "review_at": review.isoformat() if review else None,
        "state": _state(exception, now),
        "granted_at": exception.granted_at.isoformat(),
        "revoked_at": exception.revoked_at and exception.revoked_at.isoformat(),
        "revoked_by": exception.revoked_by,
        "room_id": exception.id,
    }


def _state(exception: PolicyException, now: datetime) -> str:
    """Where it stands; what nobody has recorded as ended yet has ended all the same."""
    over = exception.state is ExceptionState.ACTIVE and not exception.is_active(now)
    return ExceptionState.ENDED if over else exception.state


def _table(found: Iterable[PolicyException], now: datetime) -> list[str]:
    rows = [["until", "state", "waived", "policy", "scope", "allowed by", "id", "allows"]]
    for each in found:
        scope = name_of(each.scope) if each.scope else "-"
        told = (each.policy_id, scope, each.allowed_by, each.id, each.allows)
        end, state = f"{each.until:%Y-%m-%d %H:%M} UTC", _state(each, now)
        words = [plain(word, _ALLOWS) for word in told]
        rows.append([end, state, str(each.waived), *words])
    return [*columns(rows), f"{counted(len(rows) - 1, 'exception')}."]
