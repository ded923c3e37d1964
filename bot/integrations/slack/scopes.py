"""The scopes and events that the bot needs, and what for. The manifest asks for exactly these."""

from collections.abc import Mapping

SCOPES: Mapping[str, str] = {
    "channels:history": "hear replies to card and questions, and look whether a message was posted",
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

EVENTS: Mapping[str, str] = {
    "app_home_opened": "show what waits for whoever opens the app's Home",
    "message.channels": "hear an initiator's reply to the card or a question of a public room",
    "message.groups": "as message.channels, in private rooms",
    "message.im": "hear an initiator's reply to their page, or to a question that was sent to them",
}
