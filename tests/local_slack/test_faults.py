"""Faults on request: each goes wrong in its own way, as often as asked for."""

import asyncio

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.local_slack import RefusedError
from tests.build import ADA, BOT
from tests.local_slack.support import Local, actions, app_for, button, listening, local, refusal


async def names(here: Local) -> list[str]:
    return [channel.name for channel in (await here.people.state()).channels]


async def test_an_error_strikes_as_often_as_asked_and_only_its_method(here: Local) -> None:
    await here.people.fault("error", "conversations.create", error="internal_error", times=2)
    for _ in range(2):
        refused = await refusal(here.client.conversations_create(name="room"))
        assert refused["error"] == "internal_error"
        assert (await here.client.auth_test())["ok"]
    assert await here.room()


async def test_a_rate_limit_can_be_feigned(here: Local) -> None:
    await here.people.fault("error", "auth.test", error="ratelimited", seconds=7)
    with pytest.raises(SlackApiError) as limited:
        await here.client.auth_test()
    assert limited.value.response.status_code == 429
    assert limited.value.response.headers["Retry-After"] == "7"


async def test_an_http_error_is_no_json(here: Local) -> None:
    await here.people.fault("http", "auth.test", status=503)
    with pytest.raises(SlackApiError) as broken:
        await here.client.auth_test()
    assert broken.value.response.status_code == 503


@pytest.mark.parametrize(
    ("fault", "done"),
    [
        ({"kind": "reset"}, False),
        ({"kind": "reset", "after": True}, True),
        ({"kind": "lose_ack"}, True),
        ({"kind": "hang", "seconds": 0.01}, False),
        ({"kind": "hang", "seconds": 0.01, "after": True}, True),
    ],
)
async def test_a_cut_connection_before_or_after_the_work_was_done(
    fault: dict[str, object], done: bool
) -> None:
    async with local() as here:
        await here.people.order("faults", method="conversations.create", **fault)
        here.client.retry_handlers.clear()
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await here.client.conversations_create(name="room")
        assert ("room" in await names(here)) is done


async def test_a_slow_call_does_its_work(here: Local) -> None:
    await here.people.fault("slow", "auth.test", seconds=0.05)
    await here.client.auth_test()
    assert (await here.people.calls("auth.test"))[0].seconds >= 0.05


async def test_latency_delays_every_answer(here: Local) -> None:
    await here.people.latency(0.02)
    await asyncio.gather(here.client.auth_test(), here.client.auth_test())
    assert all(call.seconds >= 0.02 for call in await here.people.calls("auth.test"))


async def test_a_probability_is_drawn_from_a_seed() -> None:
    async def struck(seed: int) -> list[bool]:
        async with local(seed=seed) as here:
            await here.people.order(
                "faults", kind="error", method="auth.test", probability=0.5, times=100
            )
            for _ in range(20):
                try:
                    await here.client.auth_test()
                except SlackApiError:
                    continue
            return [not call.answer["ok"] for call in await here.people.calls("auth.test")]

    first, again, other = await struck(1), await struck(1), await struck(2)
    assert first == again != other
    assert 0 < sum(first) < 20


async def test_faults_are_listed_and_cleared(here: Local) -> None:
    await here.people.fault("error", times=3)
    await refusal(here.client.auth_test())
    assert (await here.people.look("faults"))["faults"][0]["times"] == 2
    await here.people.clear_faults()
    assert (await here.client.auth_test())["ok"]


async def test_a_fault_that_is_none_is_refused(here: Local) -> None:
    with pytest.raises(RefusedError, match="kind"):
        await here.people.fault("explode")


@pytest.mark.parametrize(("kind", "heard"), [("deliver_twice", 2), ("lose_ack", 1), ("slow", 1)])
async def test_deliveries_go_wrong_too(here: Local, kind: str, heard: int) -> None:
    app, clicks = app_for(here), []

    @app.action("go")
    async def on_go(ack, body) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        clicks.append(body["trigger_id"])
        await ack()

    await here.client.chat_postMessage(channel=ADA, text="x", blocks=[actions(button("go"))])
    await here.people.fault(kind, "block_actions", seconds=0.01)
    async with listening(here, app):
        clicked = await here.people.click(user=ADA, channel=BOT, action_id="go")
    assert clicked.answer is not None
    assert clicked.answer.acked is (kind != "lose_ack")
    assert len(clicks) == heard
    assert len(set(clicks)) == 1
