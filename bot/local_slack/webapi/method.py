"""What a method of the Web API is, and what its function gets.

Rules
- Scopes are alternatives per kind of conversation; the first is the one Slack asks for today.
- A method whose scopes differ by kind asks `allow` once it knows the kind.
- A method declares its arguments and the errors it can answer; any other error is a mistake of the
  the local Slack's own.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.local_slack.slack_errors import SlackError
from bot.local_slack.state.records import Channel, ChannelKind, Json
from bot.local_slack.state.workspace import Workspace
from bot.local_slack.webapi.args import Args
from bot.local_slack.webapi.rates import Tier


class TokenKind(enum.Enum):
    """Which of the two tokens a method wants, if it wants one."""

    BOT = "bot"
    APP = "app"
    NONE = "none"


Scopes = dict[ChannelKind, tuple[str, ...]]


def everywhere(*scopes: str) -> Scopes:
    """The same alternatives for every kind of conversation."""
    return dict.fromkeys(ChannelKind, scopes)


def by_kind(suffix: str, public: str = "channels:{}", *more: str) -> Scopes:
    """The scopes of each kind: `channels:read`, `groups:read`, `im:read`, `mpim:read` and so on."""
    first = {
        ChannelKind.PUBLIC: public.format(suffix),
        ChannelKind.PRIVATE: f"groups:{suffix}",
        ChannelKind.IM: f"im:{suffix}",
        ChannelKind.MPIM: f"mpim:{suffix}",
    }
    narrower = {
        kind: tuple(f"{scope.partition(':')[0]}:{suffix}.{one}" for one in more)
        for kind, scope in first.items()
    }
    return {kind: (scope, *narrower[kind]) for kind, scope in first.items()}


@dataclass(frozen=True, slots=True)
class Call:
    """One call that passed the checks: the arguments, the caller, the workspace."""

    workspace: Workspace
    args: Args
    method: "Method"
    bot: str
    base_url: str

    def allow(self, kind: ChannelKind) -> None:
        """Raises missing_scope unless the token may do this to this kind of conversation."""
        wanted = self.method.scopes[kind]
        if wanted and not set(wanted) & set(self.workspace.config.scopes):
            raise missing_scope(wanted[:1], self.workspace.config.scopes)

    def channel(self, name: str = "channel") -> Channel:
        """The conversation named by an argument. Raises channel_not_found, missing_scope."""
        found = self.workspace.conversations.seen(self.args.text(name), self.bot)
        self.allow(found.kind)
        return found

    def joined(self, name: str = "channel", error: str = "not_in_channel") -> Channel:
        """The same, with the bot in it. Raises not_in_channel."""
        found = self.channel(name)
        if self.bot not in found.members:
            raise SlackError(error)
        return found

    def managed(self) -> Channel:
        """A channel that can be changed: no direct messages, not archived, with the bot in it.

        Raises channel_not_found, is_archived, method_not_supported_for_channel_type, missing_scope,
        not_in_channel.
        """
        found = self.channel()
        if found.kind in (ChannelKind.IM, ChannelKind.MPIM):
            raise SlackError("method_not_supported_for_channel_type")
        if found.archived:
            raise SlackError("is_archived")
        if self.bot not in found.members:
            raise SlackError("not_in_channel")
        return found


Run = Callable[[Call], Json]


def words(text: str) -> frozenset[str]:
    """Names of arguments or errors, written as one line."""
    return frozenset(text.split())


COMMON = words(
    "fatal_error internal_error invalid_arguments invalid_auth invalid_form_data invalid_json "
    "json_not_object missing_scope not_allowed_token_type not_authed ratelimited"
)
"""What every method may answer."""


_OF_CLIENTS = words("team_id")
"""What Slack's own SDK adds to each call of a listener's client, whatever the method."""


@dataclass(frozen=True, slots=True)
class Method:
    """One entry of the table."""

    name: str
    run: Run
    tier: Tier
    scopes: Scopes = field(default_factory=everywhere)
    required: tuple[str, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)
    """The error when a required argument is missing, where Slack has one of its own."""
    token: TokenKind = TokenKind.BOT
    optional: frozenset[str] = frozenset()
    """Arguments that need not be given; some of them the local Slack takes no notice of."""
    errors: frozenset[str] = frozenset()
    """What the method can answer beyond `COMMON`."""
    json_body: bool = True
    """Whether arguments are taken from a JSON body too."""

    @property
    def arguments(self) -> frozenset[str]:
        """The names of all arguments but the token."""
        return self.optional.union(self.required)

    def declares(self, error: str) -> bool:
        """Whether the method may answer with this error."""
        return error in COMMON or error in self.errors

    def warnings(self, args: Args) -> tuple[str, ...]:
        """What of a call Slack takes no notice of, in sentences for who wrote the caller."""
        unknown = sorted(set(args.shown()) - self.arguments - _OF_CLIENTS)
        found = [f"{self.name} has no argument {name}" for name in unknown]
        if args.unseen:
            names = ", ".join(sorted(args.unseen))
            found.append(f"{self.name} takes no JSON body and has not seen {names}")
        return tuple(found)

    @property
    def all_scopes(self) -> tuple[str, ...]:
        """Every scope that lets the method do something."""
        return tuple(dict.fromkeys(scope for kind in self.scopes.values() for scope in kind))


def missing_scope(needed: tuple[str, ...], provided: tuple[str, ...]) -> SlackError:
    """Slack's refusal of a token that may not do this."""
    return SlackError("missing_scope", needed=",".join(needed), provided=",".join(provided))
