"""What a room holds of its violations: it is bounded, however many come in."""

import operator

from pydantic import Field

from bot.domain.makers import MadeBy
from bot.domain.value import StoredValue
from bot.domain.violation import Report, Violation

NEWEST = 10  # violations that a room holds besides its first
COMMITS_MOST = 10  # of one pull request that a room tells apart


class PullRequest(StoredValue):
    """A pull request by its repository and number, and those of its commits that are spoken of."""

    name: str
    commits: tuple[str, ...]

    @classmethod
    def of(cls, report: Report) -> "PullRequest | None":
        """The one that a first violation is of, where that is known."""
        name, commit = report.pull_request, report.origin.commit
        return cls(name=name, commits=(commit,)) if name and commit else None

    def joined_by(self, report: Report) -> "PullRequest | None":
        """The same with what is reported; None where that is of another, or of too many commits."""
        commits = dict.fromkeys((*self.commits, report.origin.commit or ""))
        if report.pull_request != self.name or len(commits) > COMMITS_MOST:
            return None
        return self.but(commits=tuple(commits))


def title_of(first: str, count: int, *, is_storm: bool) -> str:
    """What a room is about, in a line: its first violation, or how many a storm has."""
    return (
        f"A storm of {count} {'violation' if count == 1 else 'violations'}" if is_storm else first
    )


class Contents(StoredValue):
    """What a room holds of its violations: how many, the first, and the newest of the others.

    `one_key` is whether all have the same. `callbacks` counts those whose pipeline wants to be
    told, `made_by` says who is behind how many. `pull_request` is the one that all are of, where
    that is known: in rooms that are older than this it isn't.
    """

    count: int
    first: Violation
    newest: tuple[Violation, ...] = ()
    one_key: bool = True
    callbacks: int = 0
    made_by: tuple[MadeBy, ...] = ()
    pull_request: PullRequest | None = Field(default=None, exclude_if=operator.not_)
