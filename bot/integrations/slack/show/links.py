"""Links to where it happened: run, commit, pull request, subject, channel.

Rules
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
    repository = origin.repository or ""
    on_github = (origin.system or "").lower().startswith("github")
    if on_github and _REPOSITORY.fullmatch(repository):
        server, found, _ = (origin.run_url or "").partition(f"/{repository}/actions/")
        own = found and _ADDRESS.fullmatch(server) and server.startswith("https://")
        base = f"{server if own else GITHUB}/{repository}"
        if origin.commit and _COMMIT.fullmatch(origin.commit):
            whole.append(_link(f"{base}/commit/{origin.commit}", f"Commit {origin.commit[:7]}"))
        if number := origin.pull_request:
            whole.append(_link(f"{base}/pull/{number}", f"Pull request #{number}"))
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


def place(origin: Origin, most: int) -> str:
    """Repository, commit and environment in words."""
    repository, commit = origin.repository, origin.commit
    parts = [
        outside(repository, most) if repository else "",
        f"commit `{outside(commit[:_SHORT], _SHORT)}`" if commit else "",
        f"pull request #{origin.pull_request}" if origin.pull_request else "",
        f"environment *{outside(origin.environment, most)}*" if origin.environment else "",
    ]
    return " · ".join(part for part in parts if part)


def channel(room: WarRoom) -> str:
    """Where the room meets; empty as long as there is no channel."""
    if not room.channel or not SLACK_ID.fullmatch(room.channel):
        return ""
    address = f"https://slack.com/app_redirect?channel={room.channel}"
    return f"<#{room.channel}> (<{address}|open>)"


def _link(address: str, label: str) -> str:
    if not _ADDRESS.fullmatch(address):
        return outside(label, 100)
    return f"<{escape(address)}|{outside(label, 100).replace('|', '/')}>"
