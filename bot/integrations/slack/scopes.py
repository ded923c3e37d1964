"""The scopes that the bot needs, and what for. The manifest asks for exactly these."""

from collections.abc import Mapping

SCOPES: Mapping[str, str] = {
    "channels:history": "find out whether a message was posted before a connection broke",
    "channels:manage": "open, people and archive public rooms",
    "channels:read": "find out whether a public room was opened before a connection broke",
    "chat:write": "post and update the card, the pages and the news",
    "commands": "/warroom",
    "groups:history": "as channels:history, in private rooms",
    "groups:read": "as channels:read, for private rooms",
    "groups:write": "open, people and archive private rooms",
    "im:history": "as channels:history, in direct messages",
    "im:write": "page people by direct message",
    "pins:write": "pin the card",
    "usergroups:read": "roles that a Slack user group holds",
    "users:read": "know which app this is, who is a bot, deactivated or from another workspace",
    "users:read.email": "find initiators by their e-mail address",
}
