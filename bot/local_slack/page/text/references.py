"""What stands between `<` and `>`: people, channels, groups, broadcasts, moments, links.

Rules
- A channel that the reader may not know of has no name, whatever name the sender gives it.
- Somebody who is unknown is shown by id.
- What Slack knows no reference for is None, and shown as it was typed.
"""

import re
from datetime import UTC, datetime
from urllib.parse import urlencode

from markupsafe import Markup

from bot.local_slack.page.page_reader import Reader
from bot.local_slack.page.text.leaves import decoded, link, linkable, words
from bot.local_slack.page.text.moments import date

BROADCASTS = frozenset({"here", "channel", "everyone"})
_ID = re.compile(r"[A-Z][A-Z0-9]{1,30}")
_UNIX = re.compile(r"-?[0-9]{1,12}")
_DATE_PARTS = 3  # date, moment and format; the link may be missing


def reference(inside: str, reader: Reader) -> Markup | None:
    """What `<inside>` stands for in mrkdwn: a mention or a link."""
    if inside.startswith(("@", "#", "!")):
        return mention(inside, reader)
    target, _, label = inside.partition("|")
    address = decoded(target)
    if not linkable(address):
        return None
    return link(
        address, words(decoded(label) or address.removeprefix("mailto:"), emoji=bool(label))
    )


def mention(inside: str, reader: Reader) -> Markup | None:
    """What `<inside>` stands for when it begins with `@`, `#` or `!`."""
    target, _, label = inside.partition("|")
    sign, name = target[:1], target[1:]
    if sign == "!":
        return _special(name, decoded(label), reader)
    if not _ID.fullmatch(name):
        return None
    return person(name, reader) if sign == "@" else channel(name, reader)


def person(user: str, reader: Reader) -> Markup:
    """A mention of somebody; it stands out for them."""
    own = user == reader.user
    return _named(f"@{reader.people.get(user, user)}", "mention me" if own else "mention")


def channel(channel_id: str, reader: Reader) -> Markup:
    """The way to a channel, if the reader may know of it."""
    if channel_id not in reader.channels:
        return _named("#private channel")
    where = "?" + urlencode({"as": reader.user, "in": channel_id})
    name = words(f"#{reader.channels[channel_id]}", emoji=False)
    return Markup('<a class="mention" data-go href="{}">{}</a>').format(where, name)


def usergroup(group: str, reader: Reader, label: str = "") -> Markup:
    """A mention of a group, by its handle."""
    return _named("@" + (reader.usergroups.get(group) or label.removeprefix("@") or group))


def broadcast(name: str) -> Markup:
    """A mention of all that are here, in the channel or in the workspace."""
    return _named(f"@{name}")


def moment(unix: int, form: str, address: str, fallback: str, reader: Reader) -> Markup | None:
    """A moment where the reader is; the fallback, if there is one, where no calendar has it."""
    try:
        text = words(date(unix, form, reader))
        exact = datetime.fromtimestamp(unix, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return words(fallback) if fallback else None
    shown = Markup('<time datetime="{}">{}</time>').format(exact, text)
    return link(address, shown) if linkable(address) else shown


def _named(name: str, classes: str = "mention") -> Markup:
    return Markup('<span class="{}">{}</span>').format(classes, words(name, emoji=False))


def _special(name: str, label: str, reader: Reader) -> Markup | None:
    if name in BROADCASTS:
        return broadcast(name)
    kind, _, rest = name.partition("^")
    if kind == "subteam" and _ID.fullmatch(rest):
        return usergroup(rest, reader, label)
    return _moment(name, label, reader) if kind == "date" else None


def _moment(name: str, fallback: str, reader: Reader) -> Markup | None:
    parts = name.split("^")
    if len(parts) < _DATE_PARTS or not _UNIX.fullmatch(parts[1]):
        return words(fallback) if fallback else None
    _, unix, form, *address = parts
    return moment(int(unix), decoded(form), decoded("^".join(address)), fallback, reader)
