"""A check fails, and succeeds on the same commit: the room hears it, and people decide."""

import hmac
import json
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.fold import fold
from tests.approving import approve
from tests.build import ADA, VAL
from tests.choosing import choose
from tests.staging.environment import GITHUB_SECRET
from tests.staging.stage import Stage, direct

pytestmark = pytest.mark.either_database

OFFER = "Withdraw: fixed"
RUN = "https://github.com/acme/ranker/actions/runs/1"


async def _ended(stage: Stage, attempt: int, conclusion: str) -> dict[str, Any]:
    """A run in the merge queue that ended, as GitHub reports each attempt of it."""
    run = {
        "id": 1,
        "name": "Guardrails",
        "head_sha": "0123456789abcdef0123456789abcdef01234567",
        "head_branch": "gh-readonly-queue/main/pr-7-0123456",
        "event": "merge_group",
        "run_number": 7,
        "run_attempt": attempt,
        "conclusion": conclusion,
        "html_url": RUN,
        "updated_at": "2026-11-20T11:00:00Z",
        "pull_requests": [],
        "actor": {"login": "ada"},
        "head_commit": {"author": {"name": "Ada", "email": "ada@acme.test"}},
    }
    repository = {"full_name": "acme/ranker"}
    report = {"action": "completed", "workflow_run": run, "repository": repository}
    content = json.dumps(report | {"sender": {"login": "ada"}}).encode()
    digest = hmac.new(GITHUB_SECRET.encode(), content, "sha256").hexdigest()
    headers = {
        "content-type": "application/json",
        "x-github-event": "workflow_run",
        "x-hub-signature-256": f"sha256={digest}",
    }
    answer = await stage.web.post("/webhooks/github", content=content, headers=headers)
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


async def _page_offers(stage: Stage, offered: bool) -> None:
    await stage.people.wait_for(
        lambda state: (found := direct(state, ADA)) and (OFFER in str(found[0].blocks)) is offered
    )


async def test_a_success_is_told_in_the_room_and_the_initiator_withdraws_as_fixed(
    stage: Stage,
) -> None:
    failed = await _ended(stage, 1, "failure")
    name = stage.channel(failed)
    await stage.card(failed)
    await stage.paged(ADA, VAL)
    succeeded = await _ended(stage, 2, "success")
    assert (succeeded["status"], succeeded["room_id"]) == ("succeeded", failed["room_id"])
    news = await stage.people.wait_for_message(
        user=VAL, channel=name, holds=lambda message: "attempt 2" in message.words
    )
    assert "Guardrails has succeeded since on the same commit" in news.words
    assert RUN in news.words
    assert (await stage.gate(failed["violation_id"]))["verdict"] == "pending"
    await stage.people.wait_for_message(
        user=VAL, channel=name, holds=lambda found: found.pinned and OFFER in str(found.blocks)
    )
    await _page_offers(stage, offered=True)
    await stage.told(ADA, 2)
    await choose(stage.people, user=ADA, channel=name, verb="withdraw")
    modal = await stage.people.wait_for_modal(user=ADA, callback_id="withdraw_modal")
    assert "nobody has to decide on its failure" in modal.words
    await stage.people.submit(user=ADA, view_id=modal.id)
    verdict = await stage.gate(failed["violation_id"], wait=5)
    assert (verdict["verdict"], verdict["outcome"]) == ("block", "withdrawn")
    fixed = f"fixed: the same check succeeded on the same commit, attempt 2: {RUN}"
    assert verdict["reason"] == fixed
    room = stage.app.engine.store.room(failed["room_id"])
    assert fold(stage.app.engine.store.record(failed["room_id"])) == room


async def test_after_one_more_failure_the_offer_is_gone_and_the_validator_may_decide_as_before(
    stage: Stage,
) -> None:
    failed = await _ended(stage, 1, "failure")
    name = stage.channel(failed)
    await stage.card(failed)
    await stage.paged(ADA)
    await _ended(stage, 2, "success")
    await _page_offers(stage, offered=True)
    stage.move(timedelta(seconds=1))
    again = await _ended(stage, 3, "failure")
    assert again["room_id"] == failed["room_id"]
    await _page_offers(stage, offered=False)
    card = await stage.people.wait_for_message(
        user=VAL, channel=name, holds=lambda found: found.pinned and "1 more" in found.words
    )
    assert OFFER not in str(card.blocks)
    assert "Guardrails failed for acme/ranker, attempt 3" in card.words
    await approve(stage.people, user=VAL, channel=name)
    assert (await stage.gate(failed["violation_id"], wait=5))["outcome"] == "approved"
