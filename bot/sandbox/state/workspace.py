"""The workspace: the one value that holds everything."""

import time
from collections.abc import Callable

from bot.sandbox.config import WorkspaceConfig
from bot.sandbox.state.conversations import Conversations
from bot.sandbox.state.core import Core
from bot.sandbox.state.directory import Directory
from bot.sandbox.state.feed import Feed
from bot.sandbox.state.files import Files
from bot.sandbox.state.messages import Messages
from bot.sandbox.state.notices import Notices
from bot.sandbox.state.tickets import Tickets
from bot.sandbox.state.views import Views


class Workspace:
    """People, conversations, messages, files, views and tickets of one team, and its feed."""

    def __init__(self, config: WorkspaceConfig, clock: Callable[[], float] = time.time) -> None:
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
