"""What policies cost: their load, their matching, and what is cleared beside what opens a room.

Rules
- Each figure is CPU time, the best of several or of many: what else the machine does is none.
- Its yardstick is measured in the same run, next to it.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from bot.domain.violation import Report
from bot.policies.cel import Inputs, compiled
from bot.policies.load import Config, load
from bot.policies.matching import Matcher
from tests.bench.bot import Bot
from tests.bench.line import Line
from tests.bench.load import ACCEPTED, PATH
from tests.bench.row import Row
from tests.bench.slack_side import quiet
from tests.bench.stock import Stock
from tests.build import report
from tests.policies.conftest import PEOPLE
from tests.staging.pipeline import signed

MANY, FEW = 1_000, 20
LOAD_MOST, MANY_MOST, FEW_MOST, CLEARED_MOST = 1.0, 5e-3, 0.15e-3, 0.5
ARRIVALS, DELIVERED_WITHIN = 100, 120.0
_POLICY = """\
  - id: policy-{number}
    title: Policy {number}
    description: One of many.
    roles: {{validator: privacy, adjudicator: {{from: jude, backup: bea}}}}
    storm: {{rooms: 1000000, within: 1s}}
    when: >-
      subject.kind == "model" && facts.?action.orValue("") == "export"
      && facts.?region.orValue(0) == {number}
    auto_clear:
      - {{id: internal, when: 'facts.?to.orValue("") == "internal"', reason: It stays here.,
         owner: jude, until: {year}-01-30}}
"""


async def rows(stock: Stock, say: Callable[[str], None]) -> list[Row]:
    """All of them; nothing of the stock is needed."""
    del stock
    with TemporaryDirectory() as place:
        folder = Path(place)
        say(f"{MANY:,} policies")
        many = _written(folder / "many", MANY)
        found = [_loaded(many), _matched(load(many), MANY, MANY_MOST)]
        few = load(_written(folder / "few", FEW))
        found.append(_matched(few, FEW, FEW_MOST))
        say(f"{ARRIVALS} violations that a rule clears, and as many that open rooms")
        found.append(await _cleared(folder / "few"))
    return found


def _written(folder: Path, count: int) -> Path:
    folder.mkdir()
    (folder / "people.yaml").write_text(PEOPLE)
    year = datetime.now(UTC).year + 1
    policies = "".join(_POLICY.format(number=number, year=year) for number in range(count))
    (folder / "policies.yaml").write_text(f"policies:\n{policies}")
    return folder


def _best(work: Callable[[], object], times: int) -> float:
    """Seconds of CPU, at its best."""
    took = []
    for _ in range(times):
        began = time.process_time()
        work()
        took.append(time.process_time() - began)
    return min(took)


def _loaded(folder: Path) -> Row:
    text = (folder / "policies.yaml").read_text()
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    took = _best(partial(load, folder), 3)
    raw = _best(lambda: yaml.compose(text, Loader=loader), 3)
    return Row(
        f"{MANY:,} policies loaded",
        f"{took:.2f} s",
        f"{raw:.2f} s to compose their YAML, {took / raw:.1f} times that",
        f"under {LOAD_MOST:.0f} s",
        took < LOAD_MOST,
    )


def _matched(config: Config, count: int, most: float) -> Row:
    matcher, now = Matcher(config.policies.values()), datetime.now(UTC)
    violation = _violation(count // 2, to="internal")
    asked = [compiled(each.when.text, each.facts) for each in config.policies.values() if each.when]
    inputs = Inputs(violation, next(iter(config.policies.values())).severity, now, "ci")
    took = _best(lambda: matcher.judged(violation, "ci", now), 15)
    raw = _best(lambda: [each.ask(inputs) for each in asked], 15)
    return Row(
        f"a violation matched against {count:,} policies",
        f"{took * 1e3:.2f} ms",
        f"{raw * 1e3:.2f} ms to ask their conditions alone",
        f"under {most * 1e3:.2f} ms",
        took < most,
    )


def _violation(region: int, **facts: object) -> Report:
    return report(
        policy=None,
        subject={"kind": "model", "name": f"model {region}"},
        facts={"action": "export", "region": region, **facts},
    )


async def _cleared(config: Path) -> Row:
    """From the webhook to the last effect of it, by the bot's own CPU time."""
    async with Bot(config) as bot, Line(bot.url) as line:
        await _arrive(bot, line, "warm", to="internal")
        cleared = await _arrive(bot, line, "cleared", to="internal")
        rooms = await _arrive(bot, line, "room", to="customer")
    return Row(
        "a violation that a rule clears, SQLite",
        f"{cleared * 1e3:.1f} ms of CPU",
        f"{rooms * 1e3:.1f} ms for one that opens a room, its pages and card in Slack included",
        f"ratio under {CLEARED_MOST}, found {cleared / rooms:.2f}",
        cleared / rooms < CLEARED_MOST,
    )


async def _arrive(bot: Bot, line: Line, kind: str, **facts: object) -> float:
    """Seconds of CPU for each violation, once all that follows is delivered."""
    began = bot.cpu_seconds()
    for number in range(ARRIVALS):
        violation = _violation(number % FEW, **facts).but(dedup_key=f"{kind} {number}")
        body = violation.model_dump_json(exclude_none=True, exclude_defaults=True).encode()
        headers = signed(body, f"{kind} {number}", time.time())
        status, answer = await line.post(PATH, headers, body)
        if status != ACCEPTED:
            raise RuntimeError(f"{status}: {answer.decode()}")
    await quiet(bot, DELIVERED_WITHIN)
    return (bot.cpu_seconds() - began) / ARRIVALS
