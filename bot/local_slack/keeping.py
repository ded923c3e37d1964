"""What a local Slack holds, kept in one file, so that it can go on where it stopped.

Rules
- Kept: conversations with all that is in them, files, home tabs, and where ids and timestamps
  stand. Not kept: open modals, triggers, response URLs, uploads on their way, the feed, the log.
- The file is replaced as a whole: whoever reads it finds an old one or a new one.
- The configuration stands beside it: its people and tokens are not in the file, and a channel that
  it names and the file does not know is there after a restart.
- After a restart no id comes again, even one that was given out after the last write.
- A write that fails is logged, and done again after the next change and at the end.
"""

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bot.local_slack.slack_errors import ConfigError
from bot.local_slack.state.records import Channel, File, View
from bot.local_slack.state.workspace import Workspace
from bot.local_slack.yamlfile import problems

log = logging.getLogger(__name__)
VERSION = 1
GATHERED = 0.5
"""Seconds in which changes are gathered before they are written."""
_SKIPPED = 100_000
_KEPT_CHANGES = (
    "bookmark.",
    "channel.",
    "file.",
    "home.",
    "member.",
    "message.",
    "pin.",
    "reaction.",
    "read.",
)


@dataclass(slots=True)
class _Kept:
    version: int
    counter: int
    last: int
    channels: list[Channel]
    files: list[File]
    homes: list[View]


_FILE = TypeAdapter(_Kept)


def save(workspace: Workspace, path: Path) -> None:
    """Write the workspace to the file, in one piece. Raises OSError."""
    _write(_content(workspace), path)


def restore(workspace: Workspace, path: Path) -> None:
    """Make the workspace what the file says; no file, no change.

    Raises ConfigError naming the file and what is wrong with it; then nothing has changed.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        raise ConfigError(f"{path}: can't be read: {error}") from error
    kept = _read(content, path)
    _check(kept, workspace, path)
    workspace.core.resume(kept.counter + _SKIPPED, kept.last)
    workspace.conversations.restore(kept.channels)
    workspace.files.restore(kept.files)
    workspace.messages.restore(workspace.conversations.all())
    workspace.views.restore(kept.homes)


async def keep(workspace: Workspace, path: Path) -> None:
    """Write soon after each change, until cancelled or the feed closes, and once more then."""
    written = 0
    try:
        with workspace.feed.reading() as events:
            async for event in events:
                if event.id > written and event.type.startswith(_KEPT_CHANGES):
                    await asyncio.sleep(GATHERED)
                    written = workspace.feed.last_id
                    await _save_aside(workspace, path)
    finally:
        save_at_last(workspace, path)


def save_at_last(workspace: Workspace, path: Path) -> None:
    """Write the workspace at the end; a failure is logged: there is nobody to raise it to."""
    try:
        save(workspace, path)
    except OSError as error:
        _complain(path, error)


async def _save_aside(workspace: Workspace, path: Path) -> None:
    """Save, without holding up anybody while the disk is at work."""
    # Taken here and not in the thread: there it would hold the interpreter just as long, and see
    # the workspace change under its hands.
    writing = asyncio.create_task(asyncio.to_thread(_write, _content(workspace), path))
    try:
        await asyncio.shield(writing)
    except OSError as error:
        _complain(path, error)
    finally:
        # Cancelled: what is being written now must not replace what is written at the end.
        await asyncio.wait([writing])


def _content(workspace: Workspace) -> bytes:
    counter, last = workspace.core.mark()
    channels, files = workspace.conversations.all(), workspace.files.all()
    return _FILE.dump_json(_Kept(VERSION, counter, last, channels, files, workspace.views.homes()))


def _write(content: bytes, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.new")
    beside.write_bytes(content)
    beside.replace(path)


def _complain(path: Path, error: OSError) -> None:
    log.error("workspace.not_kept: %s: %s", path, error)


def _read(content: bytes, path: Path) -> _Kept:
    try:
        kept = _FILE.validate_json(content)
    except ValidationError as error:
        # One line will do: what damaged the first thing has damaged the rest.
        raise ConfigError(f"{path}: is no kept workspace: {problems(error)[0]}") from error
    if kept.version != VERSION:
        raise ConfigError(f"{path}: version {kept.version} is unknown; this is {VERSION}")
    return kept


def _check(kept: _Kept, workspace: Workspace, path: Path) -> None:
    """What the file names has to be there: people, and channels of files."""
    known = {person.id for person in workspace.directory.everybody()}
    named = {user for channel in kept.channels for user in channel.members}
    if strangers := sorted(named - known):
        raise ConfigError(f"{path}: {', '.join(strangers)} not among the people of the workspace")
    channels = {channel.id for channel in kept.channels}
    files = {file.id for file in kept.files}
    for file in kept.files:
        if not set(file.channels) <= channels:
            raise ConfigError(f"{path}: {file.id} is shared in a channel that is not there")
    for channel in kept.channels:
        shown = {one.get("id") for m in channel.messages.values() for one in m.files}
        if not shown <= files:
            raise ConfigError(f"{path}: {channel.id} shows a file that is not there")
