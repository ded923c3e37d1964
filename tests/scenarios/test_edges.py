"""The other ways in and out: GitHub, callbacks, Socket Mode, the demo."""

import asyncio
import hmac
import json
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from aiohttp import web
from standardwebhooks import Webhook

from bot.demo.pipeline import HERE
from bot.local_slack import LocalSlack, People
from tests.approving import approve
from tests.build import ADA, VAL
from tests.choosing import choose
from tests.serving import serving
from tests.staging.environment import CONFIG, SECRET
from tests.staging.pipeline import channel, github_headers
from tests.staging.stage import Stage, staged

pytestmark = pytest.mark.either_database


async def _github(
    stage: Stage, event: str, report: dict[str, Any], **headers: str
) -> httpx.Response:
    content = json.dumps(report).encode()
    given = github_headers(event, content)
    return await stage.web.post("/webhooks/github", content=content, headers=given | headers)


async def test_a_failed_workflow_run_opens_a_room_for_its_actor(stage: Stage) -> None:
    report = json.loads((HERE / "workflow_run.json").read_text())
    report["workflow_run"]["actor"]["login"] = "ada"
    answer = await _github(stage, "workflow_run", report)
    assert answer.status_code == 202, answer.text
    card = await stage.card(answer.json())
    assert "pull/42" in card.words
    assert f"<@{ADA}>" in card.words
    again = await _github(stage, "workflow_run", report)
    assert again.json()["duplicate"] is True


async def test_a_run_that_passed_opens_nothing(stage: Stage) -> None:
    report = json.loads((HERE / "workflow_run.json").read_text())
    report["workflow_run"]["conclusion"] = "success"
    answer = await _github(stage, "workflow_run", report)
    assert answer.is_success
    assert stage.app.engine.store.open_rooms() == []


async def test_the_verdict_is_posted_to_the_callback_signed_and_until_it_is_taken(
    local_slack: LocalSlack, people: People, database_url: str, tmp_path: Path
) -> None:
    received: asyncio.Queue[tuple[bytes, dict[str, str]]] = asyncio.Queue()
    statuses = [503, 200]

    async def take(request: web.Request) -> web.Response:
        await received.put((await request.read(), dict(request.headers)))
        return web.Response(status=statuses.pop(0))

    receiver = web.Application()
    receiver.router.add_post("/verdicts", take)
    folder = shutil.copytree(CONFIG, tmp_path / "config")
    with (folder / "sources.yaml").open("a") as sources:
        sources.write("callbacks: {allow: [127.0.0.1]}\n")
    async with (
        serving(receiver) as url,
        staged(local_slack, people, database_url, WARROOM_CONFIG=folder) as stage,
    ):
        answer = await stage.send(callback_url=f"{url}/verdicts")
        await stage.card(answer)
        await approve(stage.people, user=VAL, channel=channel(answer))
        first = await asyncio.wait_for(received.get(), 10)
        second = await asyncio.wait_for(received.get(), 10)  # after a back-off of a second
    for content, headers in (first, second):
        assert json.loads(content)["verdict"] == "allow"
        verified = Webhook(SECRET).verify(content, {k.lower(): v for k, v in headers.items()})
        assert verified
    assert first[1]["webhook-id"] == second[1]["webhook-id"]


async def test_socket_mode_needs_no_address(
    local_slack: LocalSlack, people: People, database_url: str
) -> None:
    token = local_slack.config.app_token
    async with staged(local_slack, people, database_url, SLACK_APP_TOKEN=token) as stage:
        local_slack.set_request_url(None)
        await people.wait_until(lambda: _linked(people), bool)
        answer = await stage.send()
        await stage.card(answer)
        clicked = await approve(people, user=VAL, channel=channel(answer))
        assert clicked.answer
        assert clicked.answer.acked
        assert (await stage.gate(answer["violation_id"], wait=5))["verdict"] == "allow"


async def _linked(people: People) -> bool:
    return bool(await people.calls("apps.connections.open"))


async def test_what_is_sent_in_again_after_a_lost_answer_is_done_once(stage: Stage) -> None:
    """The process died after the commit, or a socket delivers an envelope once more."""
    answer = await stage.send()
    name = channel(answer)
    await stage.card(answer)
    await choose(stage.people, user=VAL, channel=name, verb="extend")
    modal = await stage.people.wait_for_modal(user=VAL, callback_id="extend_modal")
    values = {"by": "1h", "reason": "The lawyer is on a plane."}
    await stage.people.submit(user=VAL, view_id=modal.id, values=values)
    once = await stage.gate(answer["violation_id"])
    again = await _again(stage, "view_submission")
    assert again.status_code == 200
    await stage.people.command(
        user=VAL, channel=name, text="/warroom extend 1h because the plane is late"
    )
    twice = await stage.gate(answer["violation_id"])
    assert (await _again(stage, "command")).status_code == 200
    after = await stage.gate(answer["violation_id"])
    assert answer["expires_at"] < once["expires_at"] < twice["expires_at"]
    assert after["expires_at"] == twice["expires_at"]


async def _again(stage: Stage, kind: str) -> httpx.Response:
    """What Slack sent last of this kind, once more, signed anew."""
    calls = [c for c in await stage.people.calls() if c.direction == "to_bot"]
    sent = next(c.arguments for c in reversed(calls) if kind in c.method)
    content = urlencode({"payload": json.dumps(sent)} if "type" in sent else sent).encode()
    stamp = str(int(stage.clock().timestamp()))
    secret = stage.slack.config.signing_secret.encode()
    signed = hmac.new(secret, f"v0:{stamp}:".encode() + content, "sha256").hexdigest()
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": f"v0={signed}",
    }
    return await stage.web.post("/slack/events", content=content, headers=headers)
