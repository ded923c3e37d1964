"""Shortcuts, on messages and from anywhere: what the bot gets, and what it can do with it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from bot.local_slack import ConfigError, RefusedError, load_config
from tests.build import ADA, BOT, VAL
from tests.local_slack.support import Json, Local, app_for, linked, listening, local, modal

SHORTCUTS: list[Json] = [
    {"name": "File it", "type": "message", "callback_id": "file", "description": "File a message"},
    {"name": "New case", "type": "global", "callback_id": "new", "description": "Open a case"},
]


@pytest.fixture
async def here() -> AsyncIterator[Local]:
    async with local(shortcuts=SHORTCUTS) as running:
        yield running


async def taken(
    here: Local,
    act: Callable[[], Awaitable[Any]],
    way: Any = listening,  # noqa: ANN401 - or linked
) -> Json:
    """What a bot hears that opens a modal in answer to any shortcut."""
    app, heard = app_for(here), []

    async def answer(ack: Any, body: Json, client: Any) -> None:  # noqa: ANN401 - of Bolt
        heard.append(body)
        await client.views_open(trigger_id=body["trigger_id"], view=modal())
        await ack()

    app.message_shortcut("file")(answer)
    app.global_shortcut("new")(answer)
    async with way(here, app):
        assert (await act()).answer.acked
    (body,) = heard
    return body


@pytest.mark.parametrize("way", [listening, linked])
async def test_a_shortcut_on_a_message_reaches_the_bot_in_slacks_shape(
    here: Local, way: object
) -> None:
    channel = await here.room(ADA)
    said = await here.people.post(user=ADA, channel=channel, text="look")
    people = here.people
    body = await taken(
        here,
        lambda: people.shortcut(user=ADA, callback_id="file", channel=channel, ts=said.ts),
        way,
    )
    assert (body["type"], body["callback_id"]) == ("message_action", "file")
    assert body["user"]["id"] == ADA
    assert body["channel"] == {"id": channel, "name": "privategroup"}
    assert (body["message_ts"], body["message"]["text"]) == (said.ts, "look")
    assert body["action_ts"] > said.ts
    assert "api_app_id" not in body
    (view,) = await people.views(ADA)
    assert view.callback_id == "form"
    (opening,) = await people.calls("views.open")
    assert "team_id" in opening.arguments  # by the SDK, which nobody can help
    assert not opening.warnings


@pytest.mark.parametrize("way", [listening, linked])
async def test_a_global_shortcut_reaches_the_bot_from_nowhere(here: Local, way: object) -> None:
    body = await taken(here, lambda: here.people.shortcut(user=ADA, callback_id="new"), way)
    assert (body["type"], body["callback_id"]) == ("shortcut", "new")
    assert body["user"]["id"] == ADA
    assert body["action_ts"]
    assert not {"channel", "message", "response_url"} & set(body)
    assert len(await here.people.views(ADA)) == 1


async def test_a_shortcut_is_taken_where_the_bot_is_not_and_answered_there(here: Local) -> None:
    people = here.people
    said = await people.post(user=VAL, channel="general", text="look")
    body = await taken(
        here, lambda: people.shortcut(user=ADA, callback_id="file", channel="general", ts=said.ts)
    )
    async with httpx.AsyncClient(trust_env=False) as http:
        await http.post(body["response_url"], json={"text": "filed"})
    seen = await people.messages(ADA, "general")
    assert (seen[-1].text, seen[-1].ephemeral) == ("filed", True)


async def test_only_what_the_app_has_is_taken_and_only_where_it_belongs(here: Local) -> None:
    people, channel = here.people, await here.room(ADA)
    said = await people.post(user=ADA, channel=channel, text="look")
    joined = (await people.messages(ADA, channel))[0]
    aside = await here.client.chat_postEphemeral(channel=channel, user=ADA, text="aside")
    for callback_id, ts, error in (
        ("none", None, "no_such_shortcut"),
        ("file", None, "no_such_shortcut"),
        ("new", said.ts, "no_such_shortcut"),
        ("file", joined.ts, "no_such_shortcut"),
        ("file", str(aside["message_ts"]), "no_such_shortcut"),
        ("file", "1.000001", "message_not_found"),
    ):
        place = {"channel": channel, "ts": ts} if ts else {}
        with pytest.raises(RefusedError) as refused:
            await people.shortcut(user=ADA, callback_id=callback_id, **place)
        assert refused.value.error == error
    with pytest.raises(RefusedError, match="sees no channel"):
        await people.shortcut(user=VAL, callback_id="file", channel=channel, ts=said.ts)
    assert not await people.calls("message_action")


async def test_a_shortcut_in_direct_messages_names_them(here: Local) -> None:
    said = await here.people.post(user=ADA, channel=BOT, text="look")
    people = here.people
    body = await taken(
        here, lambda: people.shortcut(user=ADA, callback_id="file", channel=BOT, ts=said.ts)
    )
    assert body["channel"]["name"] == "directmessage"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[{name: x, type: menu, callback_id: x, description: x}]", "shortcuts.0.type"),
        (f"[{{name: {'x' * 25}, type: global, callback_id: x, description: x}}]", "0.name"),
        (
            f"[{', '.join(2 * ['{name: x, type: global, callback_id: x, description: x}'])}]",
            "shortcuts: callback_id: x given twice",
        ),
    ],
)
def test_a_shortcut_is_checked_where_it_is_written(tmp_path: Any, text: str, said: str) -> None:  # noqa: ANN401
    path = tmp_path / "workspace.yaml"
    path.write_text(f"shortcuts: {text}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        load_config(path)
