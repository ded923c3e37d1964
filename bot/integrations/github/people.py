"""The humans whom one of GitHub's bodies names: who ran it, who wrote it, who asked for it.

Rules
- Each is an initiator: actor, triggering actor, the head commit's author and committer, whoever its
  message names in a `Co-authored-by:` trailer, the pull requests' authors; whoever sent the event
  only where it names no actor.
- Somebody wrote the commit. Where the body doesn't say who, as a check run's never does, that is
  somebody whom nobody knows, of this commit alone: who is named for it is named for no other.
- A bot stands for nobody. Where there are only bots, the first is named: a human is behind it whom
  nobody knows. So is one in place of more than a report takes.
- Git takes anything for an address: who is given by nothing that identifies somebody is known by
  name alone, which is nobody whom anybody knows, and no reason to lose a failure.
"""

from collections.abc import Iterator

from pydantic import BaseModel

from bot.domain import identity
from bot.domain.person import EMAIL, GITHUB, NAME
from bot.domain.violation import CONTRIBUTORS

BOT = "[bot]"
CO_AUTHOR = "co-authored-by"
COMMIT_SHOWN = 12

Identities = dict[str, str]  # of one human: `email` and `github`, or `name` alone


class Account(BaseModel):
    """Somebody at GitHub."""

    login: str | None = None
    type: str | None = None

    @property
    def identities(self) -> Identities:
        """By the login; a bot's ends with `[bot]`, as GitHub writes it in most places."""
        login = (self.login or "").strip()
        if login and self.type == "Bot" and not login.endswith(BOT):
            login += BOT
        return _readable(GITHUB, login) or _called(login)


class CommitAuthor(BaseModel):
    """Whom a commit names, as Git has it, with the login where GitHub knows one."""

    name: str | None = None
    email: str | None = None
    username: str | None = None

    @property
    def identities(self) -> Identities:
        """By address and login; where neither can be read, by all that is given."""
        login, email = self.username or "", self.email or ""
        known = _readable(GITHUB, login) | _readable(EMAIL, email)
        return known or _called(self.name or "", login, email)


class Commit(BaseModel):
    """The head commit."""

    author: CommitAuthor | None = None
    committer: CommitAuthor | None = None
    message: str | None = None

    @property
    def co_authors(self) -> Iterator[Identities]:
        """Whom its message names besides."""
        for line in (self.message or "").splitlines():
            key, _, value = line.partition(":")
            if key.strip().lower() == CO_AUTHOR:
                yield _readable(EMAIL, value) or _called(value)


class PullRequest(BaseModel):
    """A pull request, mostly without its author."""

    number: int | None = None
    user: Account | None = None


class People(BaseModel):
    """What a run says of people; GitHub may send null for any of it."""

    actor: Account | None = None
    triggering_actor: Account | None = None
    head_commit: Commit | None = None
    pull_requests: list[PullRequest | None] | None = None

    @property
    def pull_request(self) -> int | None:
        """The number of the first pull request that has one."""
        numbers = (each.number for each in self.pull_requests or () if each)
        return next((number for number in numbers if number is not None), None)


def humans(run: People, commit: str, sender: Account | None) -> tuple[Identities, list[Identities]]:
    """The identities of the first human, and of each other; without bots where there are humans."""
    named = {tuple(each.items()): each for each in _named(run, commit, sender) if each}.values()
    people = [each for each in named if not _is_nobody(each)]
    first, *others = people or list(named)[:1]
    if len(others) > CONTRIBUTORS:
        rest = _called(f"more people behind commit {commit[:COMMIT_SHOWN]}")
        others = [*others[: CONTRIBUTORS - 1], rest]
    return first, others


def _named(run: People, commit: str, sender: Account | None) -> Iterator[Identities]:
    """Those come last of whom anybody may write as many as they like."""
    ran = [each for each in (run.actor, run.triggering_actor) if each and each.identities]
    yield from (each.identities for each in ran or (sender,) if each)
    head = run.head_commit or Commit()
    for wrote in (head.author or CommitAuthor(), head.committer):
        if wrote:
            unnamed = f"whoever wrote commit {commit[:COMMIT_SHOWN]} (not named)"
            yield wrote.identities or _called(unnamed)
    yield from (each.user.identities for each in run.pull_requests or () if each and each.user)
    yield from head.co_authors


def _readable(system: str, text: str) -> Identities:
    """As it is spelt, but for what nobody sees, which a report may have no room for."""
    text = identity.visible(text)
    try:
        identity.read(system, text)
    except ValueError:
        return {}
    return {system: text}


def _called(*words: str) -> Identities:
    """By name alone; nothing where nothing is to be seen of it."""
    name = " / ".join(filter(None, map(identity.visible, words)))[: identity.MOST].strip()
    return {NAME: name} if name else {}


def _is_nobody(identities: Identities) -> bool:
    """Whether it is a bot's; a name says nothing of that, since anybody chooses it."""
    return NAME not in identities and all(
        identity.read(system, text).is_nobody for system, text in identities.items()
    )
