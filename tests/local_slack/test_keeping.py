"""A workspace goes on where it stopped: what is kept of it, and what is said of a damaged file."""

import asyncio
import contextlib
import json
import threading
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from bot.local_slack import ConfigError, LocalSlack, LocalSlackConfig, People, keeping
from bot.local_slack.state.workspace import Workspace
from tests.build import ADA, BOT, VAL
from tests.local_slack.support import (
    Json,
    Local,
    actions,
    button,
    client_of,
    modal,
    refusal,
    section,
)


@contextlib.asynccontextmanager
async def kept(path: Path, **changes: object) -> AsyncIterator[Local]:
    config = LocalSlackConfig.model_validate(changes)
    async with LocalSlack(config, keep=path) as slack, People(slack.url) as people:
        yield Local(slack, people, client_of(slack))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "workspace.json"


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


async def filled(here: Local) -> str:
    """A room with one of everything that can be in it."""
    channel = await here.room(ADA, VAL)
    root = (await here.client.chat_postMessage(channel=channel, text="card", blocks=[section()]))[
        "ts"
    ]
    await here.client.chat_postMessage(
        channel=channel,
        text="reply",
        thread_ts=root,
        metadata={"event_type": "effect", "event_payload": {"id": "7"}},
    )
    await here.client.chat_postEphemeral(channel=channel, user=ADA, text="for you")
    await here.client.pins_add(channel=channel, timestamp=root)
    await here.people.react(user=ADA, channel=channel, ts=root, name="eyes")
    await here.people.mark_read(user=VAL, channel=channel)
    link = "https://acme.test/run"
    await here.client.bookmarks_add(channel_id=channel, title="Run", type="link", link=link)
    await here.client.conversations_setTopic(channel=channel, topic="Due at 14:00")
    await here.client.files_upload_v2(channel=channel, filename="a.bin", content=b"\0\xff")
    await here.client.chat_postMessage(channel=ADA, text="hello", blocks=[actions(button("go"))])
    view = {"type": "home", "blocks": [section("Home")]}
    await here.client.views_publish(user_id=ADA, view=view)
    return channel


async def seen(here: Local) -> Json:
    """Everything there is, without what is new with each start: addresses, and the feed."""
    state = await here.people.look("state")
    del state["last_event"]
    text = json.dumps(state).replace(here.slack.url, "http://here")
    unread = [(c.id, c.unread) for user in (ADA, VAL) for c in await here.people.channels(user)]
    return {"state": json.loads(text), "unread": unread}


async def test_everything_is_there_again_after_a_restart(path: Path) -> None:
    async with kept(path) as here:
        channel = await filled(here)
        before = await seen(here)
    async with kept(path) as here:
        assert await seen(here) == before
        file = next(m for m in await here.people.messages(ADA, channel) if m.files).files[0]
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.get(file["url_private"], params={"user": ADA})
        assert answer.content == b"\0\xff"


async def test_what_is_kept_can_be_acted_on(path: Path) -> None:
    async with kept(path) as here:
        channel = await filled(here)
        direct = (await here.client.conversations_open(users=ADA))["channel"]["id"]
        group = (await here.client.conversations_open(users=[ADA, VAL]))["channel"]["id"]
        await here.client.conversations_create(name="old")
        await here.client.conversations_rename(channel=channel, name="renamed")
    async with kept(path) as here:
        assert (await here.client.conversations_open(users=ADA))["channel"]["id"] == direct
        assert (await here.client.conversations_open(users=[VAL, ADA]))["channel"]["id"] == group
        taken = await refusal(here.client.conversations_create(name="renamed"))
        assert taken["error"] == "name_taken"
        assert (await here.client.conversations_create(name="room"))["ok"]
        clicked = await here.people.click(user=ADA, channel=BOT, action_id="go")
        assert clicked.channel == direct


async def test_no_id_and_no_timestamp_comes_again(path: Path) -> None:
    async with kept(path) as here:
        first = await here.room(name="first")
        posted = await here.client.chat_postMessage(channel=first, text="x")
        early = path.with_name("early.json")
        keeping.save(here.slack.workspace, early)
        late = await here.room(name="late")
    async with kept(early) as here:
        again = await here.room(name="late")
        assert again not in (first, late)
        later = await here.client.chat_postMessage(channel=first, text="y")
        assert Decimal(later["ts"]) > Decimal(posted["ts"])


async def test_what_was_open_for_a_moment_is_not_kept(path: Path) -> None:
    async with kept(path) as here:
        await here.people.command(user=ADA, channel="general", text="/open")
        trigger = (await here.people.calls("command"))[-1].arguments["trigger_id"]
        await here.client.views_open(trigger_id=trigger, view=modal())
        assert await here.people.views(ADA)
    async with kept(path) as here:
        assert not await here.people.views(ADA)
        late = await refusal(here.client.views_open(trigger_id=trigger, view=modal()))
        assert late["error"] == "invalid_trigger_id"


async def test_a_channel_that_the_configuration_adds_is_there_after_a_restart(path: Path) -> None:
    async with kept(path) as here:
        await here.client.conversations_create(name="taken")
    channels = [{"id": "C0GENERAL", "name": "general"}, {"id": "C0NEW", "name": "new"}]
    async with kept(path, channels=[*channels, {"id": "C0TAKEN", "name": "taken"}]) as here:
        names = [channel.name for channel in (await here.people.state()).channels]
    assert sorted(names) == ["general", "new", "taken"]


async def test_a_change_is_written_soon_and_in_one_piece(path: Path) -> None:
    workspace = Workspace(LocalSlackConfig())
    task = asyncio.create_task(keeping.keep(workspace, path))
    await asyncio.sleep(0)
    workspace.conversations.create("room", BOT, private=True)
    workspace.feed.publish("call", call=1)
    async with asyncio.timeout(2):
        while "room" not in text(path):  # noqa: ASYNC110 - a file tells nobody that it is there
            await asyncio.sleep(0.02)
    workspace.conversations.create("later", BOT, private=True)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert "later" in text(path)
    assert [one.name for one in path.parent.iterdir()] == [path.name]


async def read_by(path: Path, text_part: str) -> None:
    async with asyncio.timeout(5):
        while text_part not in text(path):  # noqa: ASYNC110 - a file tells nobody that it is there
            await asyncio.sleep(0.02)


async def test_a_write_that_fails_is_logged_and_done_again_after_the_next_change(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.parent.write_text("a file where a folder has to be", encoding="utf-8")
    workspace = Workspace(LocalSlackConfig())
    task = asyncio.create_task(keeping.keep(workspace, path))
    await asyncio.sleep(0)
    workspace.conversations.create("room", BOT, private=True)
    async with asyncio.timeout(5):
        while "workspace.not_kept" not in caplog.text:  # noqa: ASYNC110 - nor does a log
            await asyncio.sleep(0.02)
    path.parent.unlink()
    workspace.conversations.create("later", BOT, private=True)
    await read_by(path, "later")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_server_stops_though_its_workspace_cannot_be_kept(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.parent.mkdir()
    async with kept(path) as here:
        await here.room()
        path.with_name(f"{path.name}.new").mkdir()
    assert "workspace.not_kept" in caplog.text


async def test_the_workspace_goes_on_while_it_is_written(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bytes, entered, leave = Path.write_bytes, threading.Event(), threading.Event()

    def slowly(self: Path, content: bytes) -> int:
        entered.set()
        leave.wait(5)
        return write_bytes(self, content)

    monkeypatch.setattr(Path, "write_bytes", slowly)
    async with kept(path) as here:
        await here.room(name="early")
        await asyncio.to_thread(entered.wait, 5)
        await here.room(name="late")
        leave.set()
    assert "late" in text(path)


def test_nothing_is_written_where_nothing_changed(path: Path) -> None:
    workspace = Workspace(LocalSlackConfig())
    keeping.restore(workspace, path)
    assert not path.exists()
    assert [channel.name for channel in workspace.conversations.all()] == ["general"]


def write(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")


def broken(change: Callable[[Json], object]) -> Callable[[str], str]:
    def broke(text: str) -> str:
        content: Json = json.loads(text)
        change(content)
        return json.dumps(content)

    return broke


def lost_file(content: Json) -> None:
    content["files"] = []


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda text: text[: len(text) // 2], "is no kept workspace"),
        (lambda _: "", "is no kept workspace"),
        (lambda _: "[]", "is no kept workspace"),
        (broken(lambda content: content.pop("counter")), "counter"),
        (broken(lambda content: content.update(version=2)), "version 2 is unknown"),
        (broken(lambda content: content["channels"][0].update(kind="huge")), "channels.0.kind"),
        (broken(lambda content: content["channels"][0]["members"].append("U9")), "U9 not among"),
        (broken(lost_file), "a file that is not there"),
        (
            broken(lambda content: content["files"][0].update(channels=["C9"])),
            "a channel that is not there",
        ),
        (broken(lambda content: content["files"][0].update(content="abcde")), "files.0.content"),
    ],
)
async def test_a_damaged_file_is_refused_by_name(
    path: Path, damage: Callable[[str], str], said: str
) -> None:
    async with kept(path) as here:
        await filled(here)
    damaged = damage(text(path))
    write(path, damaged)
    with pytest.raises(ConfigError, match=said) as refused:
        async with kept(path):
            pass
    assert str(path) in str(refused.value)
    assert text(path) == damaged


async def test_who_is_no_longer_among_the_people_is_named(path: Path) -> None:
    async with kept(path) as here:
        await here.room(ADA)
    with pytest.raises(ConfigError, match="U0ADA"):
        async with kept(path, people=[], channels=[]):
            pass
