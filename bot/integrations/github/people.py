"""The humans whom one of GitHub's bodies names: who ran it, who wrote it, who asked for it.

Rules
- Each is an initiator: actor, triggering actor, the head commit's author and committer, the pull
  requests' authors; whoever sent the event only where it names no actor.
- A bot stands for nobody. Where there are only bots, the first is named: a human is behind it whom
  nobody knows.
- Git takes anything for an address: what can't be one is somebody whom nobody knows, and no reason
  to lose a failure.
"""

from collections.abc import Iterable, Iterator

from pydantic import BaseModel

from bot.domain import identity
from bot.domain.person import EMAIL, GITHUB

BOT = "[bot]"
LETTERS_MOST = 60
NO_DOMAIN = "unreadable.invalid"  # RFC 2606: nobody's, for ever

Identities = dict[str, str]  # of one human: `email`, `github`


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
        return _given(GITHUB, login)


class CommitAuthor(BaseModel):
    """Whom a commit names, as Git has it, with the login where GitHub knows one."""

    name: str | None = None
    email: str | None = None
    username: str | None = None

    @property
    def identities(self) -> Identities:
        """By address and login."""
        login = (self.username or "").strip()
        return _given(GITHUB, login) | _given(EMAIL, (self.email or "").strip())


class Commit(BaseModel):
    """The head commit."""

    author: CommitAuthor | None = None
    committer: CommitAuthor | None = None


class PullRequest(BaseModel):
    """A pull request, mostly without its author."""

    number: int
    user: Account | None = None


class People(BaseModel):
    """What a run says of people; GitHub may send null for any of it."""

    actor: Account | None = None
    triggering_actor: Account | None = None
    head_commit: Commit | None = None
    pull_requests: list[PullRequest] | None = None


def humans(run: People, sender: Account | None) -> list[Identities]:
    """The identities of each human, without bots; of the first bot, where there is nobody else."""
    named = list(_distinct(_named(run, sender)))
    return [each for each in named if not _is_nobody(each)] or named[:1]


def _named(run: People, sender: Account | None) -> Iterator[Identities]:
    commit = run.head_commit or Commit()
    people: list[Account | CommitAuthor | None] = [run.actor, run.triggering_actor]
    people = people if any(people) else [sender]
    people += [commit.author, commit.committer]
    people += [pull_request.user for pull_request in run.pull_requests or ()]
    for each in people:
        if each and each.identities:
            yield each.identities


def _distinct(named: Iterable[Identities]) -> Iterator[Identities]:
    seen: list[Identities] = []
    for each in named:
        if each not in seen:
            seen.append(each)
            yield each


def _given(system: str, text: str) -> Identities:
    try:
        identity.read(system, text)
    except ValueError:
        letters = "".join(filter(str.isalnum, text))[:LETTERS_MOST]
        return {EMAIL: f"{letters or 'somebody'}@{NO_DOMAIN}"} if text else {}
    return {system: text}


def _is_nobody(identities: Identities) -> bool:
    return all(identity.read(system, text).is_nobody for system, text in identities.items())
