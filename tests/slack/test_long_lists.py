"""What lists many rooms, or tells long reasons, stays within what Slack takes of a message."""

from datetime import timedelta

from bot.domain import commands as c
from bot.domain.war_room import Category, WarRoom
from bot.integrations.slack.show import news
from bot.integrations.slack.show.digest import SHOWN, digest
from tests.build import JUDE, POLICY, jude, report, room, val, violation
from tests.slack.conftest import World, said
from tests.slack.hostile import after, decided, holding
from tests.slack.reading import assert_slack_takes, words

TITLE = "ranker {} fine-tuned on customers_eu & others without anybody's approval, {}".format
LONG = '“He said "yes"” ' * 180


def titled(number: int) -> WarRoom:
    title = TITLE(number, "x" * 40)
    one = holding(room(), violation(title=title))
    return one.but(id=f"room{number:06}", channel=f"C0ROOM{number:04}")


def test_a_digest_of_as_many_rooms_as_it_lists_names_each() -> None:
    waiting = [titled(number) for number in range(SHOWN)]
    missed = [decided(titled(100 + number)) for number in range(SHOWN)]
    policies = {one.id: POLICY for one in (*waiting, *missed)}
    told = digest(waiting, missed, policies, val)
    assert_slack_takes(told)
    shown = words(told.blocks)
    assert all(f"ranker {number} fine-tuned" in shown for number in range(SHOWN))
    assert all(f"ranker {100 + number} fine-tuned" in shown for number in range(SHOWN))


def test_a_result_with_long_reasons_is_told_with_its_reason_in_full() -> None:
    override = c.Override(
        justification=LONG[:3000], category=Category.WAIVER, validity=POLICY.override.max_validity
    )
    told = news.result(after(titled(1), override, jude.name), POLICY)
    assert_slack_takes(told)
    assert LONG[:3000].strip() in words(told.blocks)


async def test_a_list_of_many_rooms_says_how_many_more_there_are(world: World) -> None:
    for number in range(20):
        new = report(title=TITLE(number, "x" * 40), dedup_key=f"{number}")
        await world.engine.report(new, "violations", f"{number}")
        world.clock.move(timedelta(minutes=1))  # so that they are no storm
    told = await said(world, JUDE, "list")
    assert "20 open war rooms" in told
    assert "more" in told or all(f"ranker {number} fine" in told for number in range(20))
