"""A demo that is kept goes on where it was; one that isn't leaves nothing behind."""

import os
import sqlite3
import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import UsageError
from tests.approving import approve
from tests.build import VAL
from tests.demo.conftest import running


async def test_a_room_of_before_is_there_again_and_can_be_decided(tmp_path: Path) -> None:
    keep = tmp_path / "new" / "demo"
    async with running(keep) as demo:
        answer = await demo.taken("fine-tuning")
        name = demo.channel(answer)
        people = demo.stage.people
        card = await people.wait_for_message(user=VAL, channel=name, holds=lambda m: m.pinned)
        await demo.skip(seconds=60)
        await demo.shows("pending")
    async with running(keep) as demo:
        people = demo.stage.people
        assert demo.stage.clock.ahead == timedelta(minutes=1)
        await demo.shows("pending", "Guardrails failed for acme/ranker", f"#{name}", "the reminder")
        assert card.ts in [m.ts for m in await people.messages(VAL, name)]
        await approve(people, user=VAL, channel=name)
        await demo.shows("allow", "Approved by Val Osei")
        await demo.taken("drift")
    async with running(keep) as demo:
        await demo.shows("allow", "Approved by Val Osei", "pending", "drifted past 0.2")


async def test_one_demo_a_folder(tmp_path: Path) -> None:
    async with running(tmp_path):
        with pytest.raises(UsageError, match="another demo runs in"):
            async with running(tmp_path):
                pass


async def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="--keep: can't write to"):
        async with running(tmp_path / "file" / "demo"):
            pass
    (tmp_path / "lock").mkdir()
    with pytest.raises(UsageError, match="--keep: can't write to"):
        async with running(tmp_path):
            pass


@pytest.mark.parametrize("name", ["lock", "clock.json", "workspace.json", "warroom.db"])
async def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x00\xffgarbage" * 500)
    with pytest.raises(UsageError) as caught:
        async with running(tmp_path):
            pass
    said = str(caught.value)
    assert said.startswith(f"--keep: {tmp_path / name}")
    assert "garbage" not in said
    assert len(said) < 300
    assert "DATABASE_URL" not in said
    if name != "workspace.json":
        assert "remove it" in said


async def test_a_database_of_another_version_is_named(tmp_path: Path) -> None:
    file = tmp_path / "warroom.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('theirs')")
        connection.commit()
    with pytest.raises(UsageError, match=r"--keep: .*remove it"):
        async with running(tmp_path):
            pass


async def test_nothing_is_left_unless_it_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    async with running() as demo:
        await demo.taken("drift")
        assert os.listdir(tmp_path)  # noqa: PTH208 - nothing else is done meanwhile
    assert not os.listdir(tmp_path)  # noqa: PTH208 - the same
