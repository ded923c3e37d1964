"""A Slack app's manifest: what the app asks for, as far as a local Slack has a use for it.

Rules
- What the manifest does not ask for the app does not have: no scope, no event, no command,
  no shortcut.
- Keys that say nothing of that are passed over; Slack itself checks them.
"""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from bot.local_slack.yamlfile import checked, mapping


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Display(_Part):
    name: str = Field(min_length=1, max_length=35)


class _BotUser(_Part):
    display_name: str = Field(min_length=1, max_length=80)


class _SlashCommand(_Part):
    command: str
    description: str
    usage_hint: str = ""


class _Shortcut(_Part):
    name: str
    type: str
    callback_id: str
    description: str


class _Features(_Part):
    bot_user: _BotUser | None = None
    shortcuts: tuple[_Shortcut, ...] = ()
    slash_commands: tuple[_SlashCommand, ...] = ()


class _Scopes(_Part):
    bot: tuple[str, ...] = ()


class _OAuth(_Part):
    scopes: _Scopes = _Scopes()


class _Subscriptions(_Part):
    bot_events: tuple[str, ...] = ()


class _Settings(_Part):
    event_subscriptions: _Subscriptions = _Subscriptions()


class Manifest(_Part):
    """What is read of a manifest, under Slack's own keys."""

    display_information: _Display
    features: _Features = _Features()
    oauth_config: _OAuth = _OAuth()
    wanted: _Settings = Field(_Settings(), alias="settings")

    def settings(self) -> dict[str, Any]:
        """The keys of a configuration that the manifest decides."""
        bot_user = self.features.bot_user
        return {
            "app_name": self.display_information.name,
            "scopes": self.oauth_config.scopes.bot,
            "events": self.wanted.event_subscriptions.bot_events,
            "shortcuts": tuple(one.model_dump() for one in self.features.shortcuts),
            "commands": tuple(one.model_dump() for one in self.features.slash_commands),
            **({"bot_name": bot_user.display_name} if bot_user is not None else {}),
        }


def read_manifest(path: Path) -> Manifest:
    """The manifest in a file. Raises ConfigError naming the file, and the line or the key."""
    return checked(Manifest, mapping(path), path)
