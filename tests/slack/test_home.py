from datetime import timedelta

from bot.domain.person import Person
from bot.domain.violation import Severity
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show.home import home, waiting
from bot.integrations.slack.verbs.registry import VERBS
from tests.build import POLICY, START, ada, bea, eve, room, val
from tests.slack.hostile import decided
from tests.slack.reading import assert_slack_takes_view, buttons, choices, words


def numbered(number: int, hours: int = 4, severity: Severity = Severity.HIGH) -> WarRoom:
    return room().but(
        id=f"room{number:06}", expires_at=START + timedelta(hours=hours), severity=severity
    )


def shown(who: Person, *rooms: WarRoom) -> dict[str, object]:
    view = home(who, rooms, {each.id: POLICY for each in rooms}, VERBS, START)
    assert_slack_takes_view(view)
    return view


def test_the_earliest_deadline_comes_first_then_the_most_severe() -> None:
    rooms = [numbered(1, 3), numbered(2, 1), numbered(3, 1, Severity.CRITICAL)]
    assert [each.id for each in waiting(val, rooms)] == ["room000003", "room000002", "room000001"]


def test_a_person_finds_what_they_may_do() -> None:
    assert buttons(shown(ada, room())) == ["ack"]
    assert choices(shown(ada, room())) == ["withdraw", "explain", "details"]
    assert "approve" in buttons(shown(val, room()))


def test_nobody_else_finds_anything() -> None:
    assert buttons(shown(eve, room())) == choices(shown(eve, room())) == []
    assert "Nothing waits for you" in words(shown(eve, room()))


def test_a_backup_is_waited_for_once_they_are_paged() -> None:
    assert waiting(bea, [room()]) == []
    paged = room().but(backups_paged=True)
    assert waiting(bea, [paged]) == [paged]


def test_what_is_decided_waits_for_nobody() -> None:
    assert waiting(val, [decided(room())]) == []


def test_a_window_that_has_ended_offers_nothing() -> None:
    view = home(val, [room()], {room().id: POLICY}, VERBS, START + timedelta(hours=4))
    assert buttons(view) == choices(view) == []
    assert "the window has ended" in words(view)


def test_a_hundred_rooms_stay_within_slacks_limit_and_say_how_many_more() -> None:
    view = shown(val, *(numbered(n) for n in range(100)))
    assert "100 war rooms wait for you" in words(view)
    assert "… and 76 more" in words(view)


def test_an_empty_home_says_how_to_report_by_hand() -> None:
    assert "/warroom open" in words(shown(val))
