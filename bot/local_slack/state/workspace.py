"""The workspace: the one value that holds everything."""

import time
from collections.abc import Callable

from bot.local_slack.config import LocalSlackConfig
from bot.local_slack.state.conversation_store import Conversations
from bot.local_slack.state.core import Core
from bot.local_slack.state.directory import Directory
from bot.local_slack.state.file_store import Files
from bot.local_slack.state.message_store import Messages
from bot.local_slack.state.notices import Notices
from bot.local_slack.state.tickets import Tickets
from bot.local_slack.state.view_store import Views
from bot.local_wire.feed import Feed


class Workspace:
    """People, conversations, messages, files, views and tickets of one team, and its feed."""

    def __init__(self, config: LocalSlackConfig, clock: Callable[[], float] = time.time) -> None:
        self.config = config
        self.feed = Feed()
        self.core = Core(config, self.feed, clock)
        self.directory = Directory(self.core)
        self.conversations = Conversations(self.core)
        self.files = Files(self.core, self.conversations)
        self.messages = Messages(self.core, self.files)
        self.views = Views(self.core)
        self.tickets = Tickets(self.core)
        self.feed.listen(Notices(self.conversations, self.messages))
