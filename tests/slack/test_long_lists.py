"""What lists many rooms, or tells long reasons, stays within what Slack takes of a message."""

from datetime import timedelta

from sqlalchemy import text

from bot.domain import commands as c
from bot.domain.war_room import Category, WarRoom
from bot.integrations.slack.show import news
from bot.integrations.slack.show.digest import SHOWN, digest
from bot.storage.tables import rooms
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


async def test_a_list_of_more_than_a_thousand_rooms_counts_them_all(world: World) -> None:
    await world.engine.report(report(), "violations", "d1")
    names = [each.name for each in rooms.columns]
    another = {"id": "'room' || n", "dedup_key": "'key' || n", "expires_at": "expires_at + n"}
    values = ", ".join(another.get(name, f'"{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    with world.engine.store.database.write.begin() as connection:
        connection.execute(
            text(
                f"""WITH RECURSIVE number(n) AS (
                      SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 1200)
                    INSERT INTO rooms ({columns}) SELECT {values} FROM rooms, number"""
            )
        )
    told = await said(world, JUDE, "list")
    assert "1,201 open war rooms" in told
    assert "and 1181 more" in told
