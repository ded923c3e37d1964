from datetime import timedelta

from bot.domain.violation import Severity
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show.home import home, waiting
from bot.integrations.slack.verbs.registry import VERBS
from tests.build import ADA, BEA, EVE, POLICY, START, VAL, room
from tests.slack.hostile import decided
from tests.slack.reading import assert_slack_takes_view, buttons, words


def numbered(number: int, hours: int = 4, severity: Severity = Severity.HIGH) -> WarRoom:
    changes = {
        "id": f"room{number:06}",
        "expires_at": START + timedelta(hours=hours),
        "severity": severity,
    }
    return room().model_copy(update=changes)


def shown(user: str, *rooms: WarRoom) -> dict[str, object]:
    view = home(user, rooms, {each.id: POLICY for each in rooms}, VERBS, START)
    assert_slack_takes_view(view)
    return view


def test_the_earliest_deadline_comes_first_then_the_most_severe() -> None:
    rooms = [numbered(1, 3), numbered(2, 1), numbered(3, 1, Severity.CRITICAL)]
    assert [each.id for each in waiting(VAL, rooms)] == ["room000003", "room000002", "room000001"]


def test_a_person_finds_the_buttons_that_they_may_use() -> None:
    assert set(buttons(shown(ADA, room()))) == {"ack", "explain", "withdraw"}
    assert "approve" in buttons(shown(VAL, room()))


def test_nobody_else_finds_anything() -> None:
    assert buttons(shown(EVE, room())) == []
    assert "Nothing waits for you" in words(shown(EVE, room()))


def test_a_backup_is_waited_for_once_they_are_paged() -> None:
    assert waiting(BEA, [room()]) == []
    paged = room().model_copy(update={"backups_paged": True})
    assert waiting(BEA, [paged]) == [paged]


def test_what_is_decided_waits_for_nobody() -> None:
    assert waiting(VAL, [decided(room())]) == []


def test_a_window_that_has_ended_offers_no_button() -> None:
    view = home(VAL, [room()], {room().id: POLICY}, VERBS, START + timedelta(hours=4))
    assert buttons(view) == []
    assert "the window has ended" in words(view)


def test_a_hundred_rooms_stay_within_slacks_limit_and_say_how_many_more() -> None:
    view = shown(VAL, *(numbered(n) for n in range(100)))
    assert "100 war rooms wait for you" in words(view)
    assert "… and 76 more" in words(view)


def test_an_empty_home_says_how_to_report_by_hand() -> None:
    assert "/warroom open" in words(shown(VAL))
