"""The humans whom one of GitHub's bodies names: who ran it, who wrote it, who asked for it.

Rules
- Each is an initiator: actor, triggering actor, the head commit's author and committer, the pull
  requests' authors; whoever sent the event only where it names no actor.
- A bot stands for nobody. Where there are only bots, the first is named: a human is behind it whom
  nobody knows. So is one where nobody is named, and one in place of more than a report takes.
- Git takes anything for an address: what can't be one is somebody whom nobody knows, and no reason
  to lose a failure.
"""

from collections.abc import Iterable, Iterator

from pydantic import BaseModel

from bot.domain import identity
from bot.domain.person import EMAIL, GITHUB
from bot.domain.violation import CONTRIBUTORS

BOT = "[bot]"
LETTERS_MOST = 60
NO_DOMAIN = "unreadable.invalid"  # RFC 2606: nobody's, for ever

Identities = dict[str, str]  # of one human: `email`, `github`
SOMEBODY: Identities = {EMAIL: f"somebody@{NO_DOMAIN}"}  # whom nobody knows


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


def humans(run: People, sender: Account | None) -> tuple[Identities, list[Identities]]:
    """The identities of the first human, and of each other; without bots where there are humans."""
    named = list(_distinct(_named(run, sender)))
    first, *others = [each for each in named if not _is_nobody(each)] or named[:1] or [SOMEBODY]
    if len(others) > CONTRIBUTORS:
        others = [*others[: CONTRIBUTORS - 1], SOMEBODY]
    return first, others


def _named(run: People, sender: Account | None) -> Iterator[Identities]:
    commit = run.head_commit or Commit()
    people: list[Account | CommitAuthor | None] = [run.actor, run.triggering_actor]
    people = people if any(people) else [sender]
    people += [commit.author, commit.committer]
    people += [each.user for each in run.pull_requests or () if each]
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
    """As it is spelt, but for what nobody sees, which a report may have no room for."""
    text = identity.visible(text)
    try:
        identity.read(system, text)
    except ValueError:
        letters = "".join(filter(str.isalnum, text))[:LETTERS_MOST]
        if not text:
            return {}
        return {EMAIL: f"{letters}@{NO_DOMAIN}"} if letters else SOMEBODY
    return {system: text}


def _is_nobody(identities: Identities) -> bool:
    return all(identity.read(system, text).is_nobody for system, text in identities.items())
