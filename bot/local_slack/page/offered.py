"""What a person can choose from: people, channels, slash commands."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bot.local_slack.config import LocalSlackConfig
from bot.local_slack.state.records import ChannelKind, Json
from bot.local_slack.state.workspace import Workspace

_WORD = re.compile(r"[\w-]+")


@dataclass
class Offered:
    """The options of menus that Slack fills itself; worked out when a menu asks."""

    workspace: Workspace
    user: str

    @cached_property
    def users(self) -> list[Json]:
        """Active people, and the bot."""
        everybody = self.workspace.directory.everybody()
        return [_option(p.id, p.real_name or p.name) for p in everybody if not p.deactivated]

    @cached_property
    def channels(self) -> list[Json]:
        """Open public channels."""
        return self._named(ChannelKind.PUBLIC)

    @cached_property
    def conversations(self) -> list[Json]:
        """Every open channel that the person sees."""
        return self._named(ChannelKind.PUBLIC, ChannelKind.PRIVATE)

    def _named(self, *kinds: ChannelKind) -> list[Json]:
        return [
            _option(c.id, f"#{c.name}")
            for c in self.workspace.conversations.all()
            if c.kind in kinds and c.seen_by(self.user) and not c.archived
        ]


def commands(config: LocalSlackConfig) -> list[dict[str, Any]]:
    """Slash commands, the app's first; a usage hint `one | two` gives their first words."""
    own = [{"name": "/invite", "about": "Invite people or an app: /invite @name", "words": []}]
    return [
        {
            "name": command.command,
            "about": command.description or command.usage_hint,
            "words": _words(command.usage_hint),
        }
        for command in config.commands or ()
    ] + own


def mentions(workspace: Workspace) -> list[dict[str, str]]:
    """What may follow an `@`."""
    directory = workspace.directory
    people = [
        {"name": f"@{p.name}", "about": p.real_name}
        for p in directory.everybody()
        if not p.deactivated
    ]
    return people + [{"name": f"@{g.handle}", "about": g.name} for g in directory.usergroups]


def _words(hint: str) -> list[str]:
    parts = [part.strip().strip("[]") for part in hint.split("|")]
    return [part for part in parts if _WORD.fullmatch(part)] if len(parts) > 1 else []


def _option(value: str, label: str) -> Json:
    return {"value": value, "text": {"text": label}}
