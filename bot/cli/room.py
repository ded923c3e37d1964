"""`warroom room`: what an operator can mend in a war room.

Rules
- An operator decides nothing: they give a role to somebody who can, and never to an initiator.
- Slack is asked whether that somebody can act. A bot, an account that is deactivated and one that
  Slack doesn't know can't; and while Slack doesn't say, nothing is recorded.
- Who did it is the login on this machine; it is recorded, and shown, with the reason.
- A bot that runs looks each second, and pages whoever has got a role.
"""

import asyncio
import re
import sys
from collections.abc import Sequence

import click
from slack_sdk.web.async_client import AsyncWebClient

from bot.app import utc_now
from bot.domain.channel_names import room_id_in
from bot.domain.commands import Assign
from bot.domain.lifecycle import RoomStep
from bot.domain.person import Person, operator
from bot.domain.policy import Role
from bot.domain.refusal import Refusal
from bot.engine.engine import Engine
from bot.engine.loads import who_runs_this
from bot.engine.wakeups import Wakeups
from bot.errors import UnreachableError, UsageError
from bot.integrations.extension import Extension
from bot.integrations.registry import kinds_of, with_built_in
from bot.integrations.slack.accounts import Accounts
from bot.integrations.slack.client import TIMEOUT_SECONDS
from bot.integrations.slack.show.participants import reason
from bot.outbox.delivery import PassingError
from bot.outbox.enqueue import RegisteredFollowers
from bot.policies.load import load
from bot.policies.people import SLACK_ID, Directory
from bot.settings import Settings, load_settings
from bot.storage.opening import open_database
from bot.storage.store import Store
from bot.yaml.problems import instead

REFUSED = 1
ROLES = {role.value: role for role in (Role.VALIDATOR, Role.ADJUDICATOR)}


@click.group()
def room() -> None:
    """Mend a war room that nobody can decide."""


@room.command()
@click.argument("room_id", metavar="ROOM")
@click.argument("role")
@click.argument("person")
@click.option("--why", required=True, help="The reason, for the record and for the card.")
@click.pass_obj
def assign(
    extensions: Sequence[Extension], *, room_id: str, role: str, person: str, why: str
) -> None:
    """Put PERSON on duty in ROOM as ROLE, validator or adjudicator.

    ROOM is a room's id, or its channel's name. PERSON is a name of people.yaml or a Slack user id:
    somebody who is active in Slack, which is asked. Exit code 1 where the room refuses it, 3 where
    Slack doesn't say.
    """
    outcome = asyncio.run(_assigned(with_built_in(extensions), room_id, role, person, why))
    if isinstance(outcome, Refusal):
        click.echo(f"warroom: {outcome.message}", err=True)
        sys.exit(REFUSED)
    name = outcome.after.assignment(_role(role)).on_duty
    click.echo(
        f"{name} is {role} on duty in war room {outcome.after.id}; a bot that runs pages them "
        "within a second."
    )


async def _assigned(
    parts: Extension, given: str, role: str, person: str, why: str
) -> RoomStep | Refusal:
    settings = load_settings()
    config = load(settings.warroom_config, parts.sections)
    command = Assign(role=_role(role), to=_person(config.people, person), why=why)
    database = await asyncio.to_thread(open_database, settings.database_url)
    wakeups = Wakeups(asyncio.get_running_loop())
    followers = RegisteredFollowers(kinds_of(parts, settings), parts.followers)
    engine = Engine(database, config, utc_now, wakeups, followers)
    try:
        await _asked(settings, config.people, command.to)
        room_id = await asyncio.to_thread(_room_id, engine.store, given)
        return await engine.handle(room_id, command, operator(who_runs_this()))
    finally:
        await asyncio.to_thread(engine.stop)
        database.dispose()


def _room_id(store: Store, given: str) -> str:
    """Which room an id or a channel's name means. UsageError for none."""
    room = store.room(room_id_in(given))
    if room is None:
        needed = "need a room's id, or its channel's name (wr-…-ID)"
        raise UsageError(f"there is no war room {given}, {needed}")
    return room.id


async def _asked(settings: Settings, people: Directory, to: Person) -> None:
    """UsageError where nobody could act as `to`, UnreachableError while Slack doesn't say."""
    user, token = to.slack or to.name, settings.slack_bot_token.get_secret_value()
    if not token:
        message = f"found no SLACK_BOT_TOKEN, need it to ask Slack whether {user} can act"
        raise UsageError(message)
    client = AsyncWebClient(token=token, base_url=settings.api_url, timeout=TIMEOUT_SECONDS)
    try:
        error = await Accounts(client, utc_now).why_nobody(user, people)
    except PassingError as late:
        message = f"Slack doesn't say whether {user} can act ({late}): nothing was recorded"
        raise UnreachableError(message) from late
    if error:
        found = f"found {user}, which can't act ({reason(error)})"
        raise UsageError(f"{found}, need somebody who is active in Slack")


def _role(given: str) -> Role:
    known = ROLES.get(given)
    if known is None:
        raise UsageError(f"found the role {given!r}, {instead(given, ROLES)}")
    return known


def _person(people: Directory, given: str) -> Person:
    """Whom a name or a Slack user id names. UsageError for nobody."""
    known = people.people.get(given)
    if known:
        return known
    if re.match(SLACK_ID, given):
        return people.in_slack(given)
    if given in people.groups:
        members = ", ".join(people.groups[given])
        raise UsageError(f"found the group {given!r}, need one person: {members}")
    raise UsageError(f"found the unknown person {given!r}, {instead(given, people.people)}")
