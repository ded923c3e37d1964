"""What a local Slack is made of: team, app, people, and how strict it is.

Rules
- Every value has a default; the defaults make a usable one with four people.
- A file may name the app's manifest, beside it, as `manifest`: what the app asks for is taken from
  there, unless the file says otherwise.
- An unknown key is refused by name.
- `minute` is how many seconds a minute of Slack's limits lasts: it scales the tiers, the
  redelivery of events and the life of a `response_url`. The deadlines of 3 seconds have keys
  of their own.
"""

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.local_slack.manifest import read_manifest
from bot.local_slack.slack_errors import ConfigError
from bot.local_slack.slack_names import APP_SCOPES, EVENTS, SCOPES, unknown_names
from bot.local_slack.yamlfile import checked, mapping

_BOT_SCOPES = (
    "bookmarks:write channels:history channels:join channels:manage channels:read chat:write "
    "commands files:read files:write groups:history groups:read groups:write im:history im:read "
    "im:write mpim:history mpim:read mpim:write pins:read pins:write reactions:read "
    "reactions:write team:read usergroups:read users.profile:read users:read users:read.email"
)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Member(_Part):
    """One member of the workspace."""

    id: str
    name: str
    real_name: str = ""
    email: str | None = None
    deactivated: bool = False
    guest: bool = False
    tz: str = "Europe/Berlin"
    bot: bool = False
    """Another app's bot user."""
    team_id: str | None = None
    """The workspace of somebody who comes by Slack Connect; none given: this one."""
    fields: dict[str, str] = {}
    """What stands in the custom fields of their profile, by the fields' ids."""


class Usergroup(_Part):
    """A group that can be mentioned by its handle."""

    id: str
    handle: str
    name: str = ""
    users: tuple[str, ...] = ()


class ProfileField(_Part):
    """A custom field that everybody's profile has, by its id (`Xf…`) and its label."""

    id: str = Field(pattern=r"^Xf[A-Z0-9]+$")
    label: str


class SlashCommand(_Part):
    """A slash command, and what is said of it where it is typed; its name alone will do."""

    command: str = Field(pattern=r"^/[^\s/]+$")
    description: str = ""
    usage_hint: str = ""

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, given: object) -> object:
        return {"command": given} if isinstance(given, str) else given


class Shortcut(_Part):
    """A shortcut of the app: on messages, or from anywhere (`global`)."""

    name: str = Field(min_length=1, max_length=24)
    type: Literal["message", "global"]
    callback_id: str = Field(min_length=1, max_length=255)
    description: str = Field(min_length=1, max_length=150)


class StartingChannel(_Part):
    """A channel that exists from the start; no `members` means every active person, not the bot."""

    id: str
    name: str
    private: bool = False
    members: tuple[str, ...] | None = None


_PEOPLE = (
    Member(id="U0ADA", name="ada", real_name="Ada Byron", email="ada@acme.test"),
    Member(id="U0VAL", name="val", real_name="Val Osei", email="val@acme.test"),
    Member(id="U0JUDE", name="jude", real_name="Jude Moreau", email="jude@acme.test"),
    Member(id="U0BACK", name="bea", real_name="Bea Lindt", email="bea@acme.test"),
)


class LocalSlackConfig(_Part):
    """Everything that can be said about a local Slack before it starts."""

    team_id: str = "T0ACME"
    team_name: str = "Acme"
    team_domain: str = "acme"
    enterprise_id: str | None = None
    enterprise_install: bool = False
    """Whether the app is installed for the whole enterprise, and not for one workspace."""
    app_id: str = "A0LOCAL"
    app_name: str = "Bot"
    bot_id: str = "B0LOCAL"
    bot_user_id: str = "U0BOT"
    bot_name: str = "bot"
    bot_token: str = Field("xoxb-local", min_length=1)
    app_token: str = Field("xapp-local", min_length=1)
    signing_secret: str = Field("local-signing-secret", min_length=1)
    verification_token: str = Field("local-verification", min_length=1)
    request_url: str | None = None
    commands: tuple[SlashCommand, ...] | None = None
    """Slash commands of the app; none given: every command is the app's."""
    shortcuts: tuple[Shortcut, ...] = ()
    scopes: tuple[str, ...] = tuple(_BOT_SCOPES.split())
    app_scopes: tuple[str, ...] = ("connections:write",)
    events: tuple[str, ...] = ("app_home_opened",)
    people: tuple[Member, ...] = _PEOPLE
    usergroups: tuple[Usergroup, ...] = ()
    profile_fields: tuple[ProfileField, ...] = ()
    channels: tuple[StartingChannel, ...] = (StartingChannel(id="C0GENERAL", name="general"),)
    rate_limits: bool = True
    minute: float = Field(60.0, gt=0)
    ack_seconds: float = Field(3.0, gt=0)
    trigger_seconds: float = Field(3.0, gt=0)
    history_limit: int = Field(999, ge=1, le=999)
    edit_window_minutes: float | None = Field(None, ge=0)
    """How long a message can be edited; none given: for ever."""
    seed: int = 0

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _no_twice("people: id", [p.id for p in self.people] + [self.bot_user_id])
        _no_twice("people: name", [p.name for p in self.people])
        if self.enterprise_install and self.enterprise_id is None:
            raise ValueError("enterprise_install: needs an enterprise_id")
        _no_twice("shortcuts: callback_id", [one.callback_id for one in self.shortcuts])
        _no_twice("channels: name", [c.name for c in self.channels])
        _no_twice("profile_fields: id", [field.id for field in self.profile_fields])
        fields = {field.id for field in self.profile_fields}
        for person in self.people:
            if unknown := sorted(person.fields.keys() - fields):
                message = f"{', '.join(unknown)} not among the profile_fields"
                raise ValueError(f"people: {person.name}: fields: {message}")
        known = {p.id for p in self.people} | {self.bot_user_id}
        for group in self.usergroups:
            _all_known(f"usergroups: {group.handle}", group.users, known)
        for channel in self.channels:
            _all_known(f"channels: {channel.name}", channel.members or (), known)
        return self

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is allowed here and would be of no use at Slack: names that it does not have."""
        return (
            *unknown_names("events", self.events, EVENTS),
            *unknown_names("scopes", self.scopes, SCOPES),
            *unknown_names("app_scopes", self.app_scopes, APP_SCOPES),
        )


def load_config(path: Path) -> LocalSlackConfig:
    """Read it from YAML. Raises ConfigError naming the file, and the line or the key."""
    given = mapping(path)
    asked: dict[str, Any] = {}
    if (manifest := given.pop("manifest", None)) is not None:
        if not isinstance(manifest, str):
            raise ConfigError(f"{path}: manifest: must be the path of a file")
        asked = read_manifest(path.parent / manifest).settings()
    return checked(LocalSlackConfig, asked | given, path)


def _no_twice(what: str, values: list[str]) -> None:
    twice = sorted({value for value in values if values.count(value) > 1})
    if twice:
        raise ValueError(f"{what}: {', '.join(twice)} given twice")


def _all_known(what: str, users: tuple[str, ...], known: set[str]) -> None:
    strangers = sorted(set(users) - known)
    if strangers:
        raise ValueError(f"{what}: {', '.join(strangers)} not among the people")
