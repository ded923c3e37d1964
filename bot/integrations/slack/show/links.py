"""Links to where it happened: run, pull request, subject, commit, channel.

Rules
- A commit is named in one place, so that it stands apart from the other links.
- A commit or pull request gets an address only where the system is GitHub and the repository
  reads as `owner/name`; elsewhere it is named.
- The address of GitHub is that of the run where the run shows it: there are servers of one's own.
"""

import re

from bot.domain.violation import Origin, Violation
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show.text import SLACK_ID, escape, outside

GITHUB = "https://github.com"
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]{0,99}/[\w.-]{1,100}", re.ASCII)
_COMMIT = re.compile(r"[0-9a-fA-F]{7,64}")
_ADDRESS = re.compile(r"https?://[^\s<>|]+")
_SHORT = 12


def links(violation: Violation, most: int) -> str:
    """The links of a violation in a line of mrkdwn of at most `most` characters, or nothing."""
    origin, subject = violation.report.origin, violation.report.subject
    whole = [run(origin.run_url)] if origin.run_url else []
    if origin.pull_request:
        named, base = f"Pull request #{origin.pull_request}", _on_github(origin)
        whole.append(_link(f"{base}/pull/{origin.pull_request}", named) if base else named)
    if subject.url:
        whole.append(_link(subject.url, (subject.kind or "subject").capitalize()))
    line = ""
    for link in whole:
        longer = f"{line} · {link}" if line else link
        if len(longer) <= most:  # a link is never cut: one too many is left out
            line = longer
    return line


def run(address: str) -> str:
    """A run, by its address."""
    return _link(address, "Run")


def address(given: str) -> str:
    """An address that somebody gave, by itself."""
    return _link(given, given)


def short(commit: str) -> str:
    """A commit's beginning, enough to find it by."""
    return commit[:_SHORT]


def commit(origin: Origin, most: int = _SHORT) -> str:
    """A commit by its beginning of at most `most` characters, linked; nothing without one."""
    if not origin.commit:
        return ""
    base = _on_github(origin)
    if base and _COMMIT.fullmatch(origin.commit):
        return f"commit {_link(f'{base}/commit/{origin.commit}', origin.commit[:most])}"
    return f"commit `{outside(origin.commit[:most], most)}`"


def place(origin: Origin, most: int) -> str:
    """Repository and environment in words."""
    repository = origin.repository
    parts = [
        outside(repository, most) if repository else "",
        f"environment *{outside(origin.environment, most)}*" if origin.environment else "",
    ]
    return " · ".join(part for part in parts if part)


def channel(room: WarRoom) -> str:
    """Where the room meets; empty as long as there is no channel."""
    if not room.channel or not SLACK_ID.fullmatch(room.channel):
        return ""
    address = f"https://slack.com/app_redirect?channel={room.channel}"
    return f"<#{room.channel}> (<{address}|link>)"


def _on_github(origin: Origin) -> str:
    """The address of the repository at GitHub; nothing where it isn't there, or isn't one."""
    repository = origin.repository or ""
    is_there = (origin.system or "").lower().startswith("github")
    if not (is_there and _REPOSITORY.fullmatch(repository)):
        return ""
    server, found, _ = (origin.run_url or "").partition(f"/{repository}/actions/")
    own = found and _ADDRESS.fullmatch(server) and server.startswith("https://")
    return f"{server if own else GITHUB}/{repository}"


def _link(address: str, label: str) -> str:
    if not _ADDRESS.fullmatch(address):
        return outside(label, 100)
    return f"<{escape(address)}|{outside(label, 100).replace('|', '/')}>"
