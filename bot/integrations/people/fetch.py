"""One import, asked for what it has now: whoever it gives, with the Slack accounts they have.

Rules
- Nothing is recorded here.
- Who comes without a Slack account, and is nobody of the file, gets the one that Slack has under
  their address: an address alone can't be told from the account that somebody acts with.
"""

import asyncio
from dataclasses import replace
from typing import assert_never

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.configuration import Human
from bot.domain.person import SLACK
from bot.integrations.people.files import read_csv, run_command
from bot.integrations.people.slack_members import Members
from bot.policies.claims import persons_of
from bot.policies.imported import Imported, ImportFailedError
from bot.policies.imports import CommandImport, CsvImport, Import, SlackImport
from bot.policies.people import Directory

SECONDS_MOST = 3000.0  # less than the hour after which another process takes the import over


async def fetch(source: Import, directory: Directory, client: AsyncWebClient) -> Imported:
    """The humans of a source; ImportFailedError where they can't be had whole."""
    try:
        async with asyncio.timeout(SECONDS_MOST):
            return await _fetch(source, directory, Members(client))
    except TimeoutError as error:
        raise ImportFailedError(f"it was not done after {SECONDS_MOST:g} s") from error


async def _fetch(source: Import, directory: Directory, members: Members) -> Imported:
    match source:
        case SlackImport():
            return await members.imported(source)
        case CsvImport():
            imported = await asyncio.to_thread(read_csv, source)
        case CommandImport():
            imported = await run_command(source)
        case _:
            assert_never(source)
    if all(persons_of(directory, human) for human in imported.humans):
        return imported
    accounts = await members.by_address()
    humans = (
        human if persons_of(directory, human) else _in_slack(human, accounts)
        for human in imported.humans
    )
    return replace(imported, humans=tuple(dict.fromkeys(humans)))


def _in_slack(human: Human, accounts: dict[str, str]) -> Human:
    """Somebody with the Slack accounts of their addresses before all others."""
    found = [accounts[each] for each in human if each in accounts]
    return (*dict.fromkeys(each for each in found if each.startswith(f"{SLACK}:")), *human)
