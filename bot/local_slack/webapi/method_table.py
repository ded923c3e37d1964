"""The table of all methods; a new family is one line here."""

from bot.local_slack.webapi import (
    auth,
    chat,
    conversations,
    files,
    history,
    listing,
    marks,
    membership,
    users,
    views,
)
from bot.local_slack.webapi.method import Method

_FAMILIES = (
    auth.METHODS,
    conversations.METHODS,
    listing.METHODS,
    membership.METHODS,
    history.METHODS,
    chat.METHODS,
    views.METHODS,
    users.METHODS,
    marks.METHODS,
    files.METHODS,
)

METHODS: dict[str, Method] = {method.name: method for family in _FAMILIES for method in family}
