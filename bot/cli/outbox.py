"""`warroom outbox`: what was given up, shown and tried again.

Rules
- A bot that runs looks each second, and finds what was put back.
"""

import json
from collections.abc import Callable, Collection
from dataclasses import asdict

from bot.app import utc_now
from bot.measures.safe_text import columns, plain
from bot.outbox import dead_letters
from bot.outbox.dead_letters import Undelivered
from bot.settings import load_settings
from bot.storage.database_errors import reached
from bot.storage.opening import open_database
from bot.storage.store import Store

DONE, NOT_THERE = 0, 1
HEADINGS = ["id", "room", "kind", "to", "since (UTC)", "attempts", "reason"]

Echo = Callable[[str], object]


def listing(*, as_json: bool) -> str:
    """What was given up, and how much is still to be tried."""
    database = open_database(load_settings().database_url)
    try:
        found = dead_letters.undelivered(Store(database))
    finally:
        database.dispose()
    return _json(found) if as_json else _text(found)


def retry(wanted: Collection[int] | None, report: Echo, complain: Echo) -> int:
    """Put these back, or all with None, and say so; gives the exit code."""
    database = open_database(load_settings().database_url)
    try:
        with reached(database), database.write.begin() as connection:
            back = dead_letters.put_back(connection, utc_now(), wanted)
    finally:
        database.dispose()
    missing = sorted(set(wanted or ()) - set(back))
    numbers = f" ({', '.join(map(str, back))})" if back else ""
    report(f"{len(back)} put back{numbers}; a bot that runs tries within a second.")
    if missing:
        complain(f"Not parked: {', '.join(map(str, missing))}. See `warroom outbox list`.")
    return NOT_THERE if missing else DONE


def _json(found: Undelivered) -> str:
    shape = {
        "parked": [asdict(each) | {"since": each.since.isoformat()} for each in found.parked],
        "pending": {
            "count": found.pending,
            "oldest": found.oldest.isoformat() if found.oldest else None,
        },
    }
    return json.dumps(shape, indent=2)


def _text(found: Undelivered) -> str:
    rows = [
        [
            str(each.id),
            each.room_id or "-",
            each.kind,
            plain(each.to),
            f"{each.since:%Y-%m-%d %H:%M}",
            str(each.attempts),
            plain(each.reason),
        ]
        for each in found.parked
    ]
    lines = columns([HEADINGS, *rows]) if rows else ["Nothing was given up."]
    oldest = f", the oldest since {found.oldest:%Y-%m-%d %H:%M} UTC" if found.oldest else ""
    return "\n".join([*lines, f"{found.pending} more are still to be delivered{oldest}."])
