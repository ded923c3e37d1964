"""The other ways in and out: GitHub, callbacks, Socket Mode, the demo."""

import asyncio
import hmac
import json
from typing import Any

import httpx
from aiohttp import web
from pydantic import SecretStr
from standardwebhooks import Webhook

from bot.demo.stage import HERE
from bot.sandbox.client import People
from bot.sandbox.server import LocalSlack
from tests.scenarios.conftest import GITHUB_SECRET, SECRET, Stage, channel, staged

ADA, VAL, JUDE = "U0ADA", "U0VAL", "U0JUDE"


async def _github(
    stage: Stage, event: str, report: dict[str, Any], **headers: str
) -> httpx.Response:
    content = json.dumps(report).encode()
    signature = hmac.new(GITHUB_SECRET.encode(), content, "sha256").hexdigest()
    given = {
        "content-type": "application/json",
        "x-github-event": event,
        "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "x-hub-signature-256": f"sha256={signature}",
    }
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
    stage: Stage,
) -> None:
    received: asyncio.Queue[tuple[bytes, dict[str, str]]] = asyncio.Queue()
    statuses = [503, 200]

    async def take(request: web.Request) -> web.Response:
        await received.put((await request.read(), dict(request.headers)))
        return web.Response(status=statuses.pop(0))

    async with _Receiver(take) as url:
        answer = await stage.send(callback_url=url)
        await stage.card(answer)
        await stage.people.click(user=VAL, channel=channel(answer), action_id="approve")
        first = await asyncio.wait_for(received.get(), 10)
        second = await asyncio.wait_for(received.get(), 10)  # after a back-off of a second
    for content, headers in (first, second):
        assert json.loads(content)["verdict"] == "allow"
        verified = Webhook(SECRET).verify(content, {k.lower(): v for k, v in headers.items()})
        assert verified
    assert first[1]["webhook-id"] == second[1]["webhook-id"]


class _Receiver:
    def __init__(self, handler: Any) -> None:  # noqa: ANN401
        self._app = web.Application()
        self._app.router.add_post("/verdicts", handler)

    async def __aenter__(self) -> str:
        self._runner = web.AppRunner(self._app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        return f"http://127.0.0.1:{port}/verdicts"

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()


async def test_socket_mode_needs_no_address(
    local_slack: LocalSlack, people: People, database_url: str
) -> None:
    token = SecretStr(local_slack.config.app_token)
    async with staged(local_slack, people, database_url, slack_app_token=token) as stage:
        local_slack.set_request_url(None)
        await people.wait_until(lambda: _linked(people), bool)
        answer = await stage.send()
        await stage.card(answer)
        clicked = await people.click(user=VAL, channel=channel(answer), action_id="approve")
        assert clicked.answer
        assert clicked.answer.acked
        assert (await stage.gate(answer["violation_id"], wait=5))["verdict"] == "allow"


async def _linked(people: People) -> bool:
    return bool(await people.calls("apps.connections.open"))
