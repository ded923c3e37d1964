"""Files: announced, uploaded, completed, shared, read.

Rules
- A ticket takes one upload, of exactly the length that was announced for it.
- A file is there once its upload is complete; until then nobody can name it. What is not complete
  within an hour of the workspace's minutes is forgotten.
- A file is seen by its owner, and by whoever sees a channel that it is shared in.
"""

import secrets
import time
from dataclasses import dataclass

from bot.local_slack.slack_errors import SlackError
from bot.local_slack.state.contents import filetype_of, mimetype_of
from bot.local_slack.state.conversation_store import Conversations
from bot.local_slack.state.core import Core
from bot.local_slack.state.records import File, Json
from bot.local_slack.state.shapes import file_shape

MINUTES = 60
"""How long an upload may take."""
IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What is shown in place; anything else is handed out to be saved."""


@dataclass(slots=True)
class Upload:
    """A file on its way; `content` is None until it has come."""

    file: str
    name: str
    length: int
    user: str
    alt_text: str
    announced: float
    content: bytes | None = None


class Files:
    """All files, and those that are on their way."""

    def __init__(self, core: Core, conversations: Conversations) -> None:
        self._core = core
        self._conversations = conversations
        self._uploads: dict[str, Upload] = {}
        self._files: dict[str, File] = {}

    def all(self) -> list[File]:
        """Every file, oldest first."""
        return list(self._files.values())

    def announce(self, name: str, length: int, user: str, alt_text: str = "") -> tuple[str, str]:
        """A file that will be uploaded: its id, and the ticket for that."""
        self._forget_late()
        ticket, made = secrets.token_hex(16), self._core.new_id("F")
        self._uploads[ticket] = Upload(made, name, length, user, alt_text, time.monotonic())
        return made, ticket

    def awaited(self, ticket: str) -> int:
        """How many bytes the ticket is for. Raises not_found when it is no good any more."""
        self._forget_late()
        upload = self._uploads.get(ticket)
        if upload is None or upload.content is not None:
            raise SlackError("not_found")
        return upload.length

    def receive(self, ticket: str, content: bytes) -> None:
        """Take what was announced. Raises not_found and wrong_length."""
        if len(content) != self.awaited(ticket):
            raise SlackError("wrong_length")
        self._uploads[ticket].content = content

    def complete(self, titles: dict[str, str | None], user: str) -> list[File]:
        """Make uploads the files they are; by id, with a title or None. Raises file_not_found."""
        self._forget_late()
        found = {u.file: (t, u) for t, u in self._uploads.items() if u.content is not None}
        if any(one not in found or found[one][1].user != user for one in titles):
            raise SlackError("file_not_found")
        made = []
        for one, title in titles.items():
            ticket, upload = found[one]
            del self._uploads[ticket]
            made.append(self._made(upload, title))
        return made

    def find(self, file: str) -> File:
        """The file with this id. Raises file_not_found."""
        if file not in self._files:
            raise SlackError("file_not_found")
        return self._files[file]

    def share(self, file: File, channel: str) -> None:
        """Let whoever sees the channel see the file."""
        if channel not in file.channels:
            file.channels.append(channel)
            self._core.announce("file.shared", file=file.id, user=file.user)

    def sees(self, user: str, file: File) -> bool:
        """Whether the user may have the file."""
        shared = (self._conversations.get(channel) for channel in file.channels)
        return user == file.user or any(channel.seen_by(user) for channel in shared)

    def shape(self, file: File) -> Json:
        """The file as Slack shows it."""
        public = any(self._conversations.get(c).is_public for c in file.channels)
        return file_shape(file, self._core.config, self._core.base_url, public=public)

    def image(self, given: Json) -> File | None:
        """The image that a block's `slack_file` names by id or address; None: there is none."""
        for file in self._files.values():
            named = (
                given.get("id") == file.id or given.get("url") == self.shape(file)["url_private"]
            )
            if named and file.mimetype in IMAGES:
                return file
        return None

    def restore(self, kept: list[File]) -> None:
        """Hold these files and no other."""
        self._files = {file.id: file for file in kept}

    def _forget_late(self) -> None:
        since = time.monotonic() - MINUTES * self._core.config.minute
        self._uploads = {t: u for t, u in self._uploads.items() if u.announced >= since}

    def _made(self, upload: Upload, title: str | None) -> File:
        content = upload.content or b""
        mimetype = mimetype_of(upload.name, content)
        made = File(
            id=upload.file,
            name=upload.name,
            title=title or upload.name,
            mimetype=mimetype,
            filetype=filetype_of(upload.name, mimetype),
            user=upload.user,
            created=int(self._core.now()),
            content=content,
            alt_text=upload.alt_text,
        )
        self._files[made.id] = made
        self._core.announce("file.created", file=made.id, user=made.user)
        return made
