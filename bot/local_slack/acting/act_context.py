"""What every act needs: the workspace, the line to the bot, the payloads."""

from dataclasses import dataclass

from bot.local_slack.config import Member
from bot.local_slack.delivery.events_api import Events
from bot.local_slack.delivery.exchange import Answer
from bot.local_slack.delivery.line import Line
from bot.local_slack.delivery.payloads import Payloads
from bot.local_slack.slack_errors import RefusedError, SlackError
from bot.local_slack.state.records import Channel, Json
from bot.local_slack.state.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ActContext:
    """Where people act."""

    workspace: Workspace
    line: Line
    payloads: Payloads
    events: Events

    def person(self, user: str) -> Member:
        """The active person who acts. Raises RefusedError."""
        try:
            return self.workspace.directory.human(user)
        except SlackError as error:
            raise RefusedError(error.error, f"{user} is no active person here") from error

    def channel(self, user: str, channel: str) -> Channel:
        """A conversation that the person sees, by id or name; the bot's id: their messages with it.

        Raises RefusedError.
        """
        self.person(user)
        workspace = self.workspace
        if channel == workspace.config.bot_user_id:
            direct = workspace.conversations.direct([user])
            if direct is not None:
                return direct
        named = workspace.conversations.named(channel.removeprefix("#"))
        try:
            return workspace.conversations.seen(named.id if named else channel, user)
        except SlackError as error:
            raise RefusedError(error.error, f"{user} sees no channel {channel}") from error


def answered(answer: Answer | None) -> Json:
    """The part of each result that says what the bot answered."""
    return {"answer": answer.as_json() if answer is not None else None}
