"""What Slack shows of a room in which a newer version wrote words that this one doesn't know."""

import pytest

from bot.domain import events as e
from bot.domain.aggregate import Recorded
from bot.domain.policy import OnExpiry, Role, Rung
from bot.domain.violation import Severity
from bot.domain.war_room import Category, Outcome, State, Verdict, WarRoom
from bot.integrations.slack.show import cards, digest, home, news
from bot.integrations.slack.show.text import Rendered
from bot.integrations.slack.verbs.handoff import duties
from bot.integrations.slack.verbs.registry import VERBS
from tests.build import POLICY, START, eve, room, val
from tests.slack.hostile import decided
from tests.slack.reading import (
    about,
    assert_slack_takes,
    assert_slack_takes_view,
    buttons,
    choices,
    mrkdwn,
    verbs,
    words,
)

STRANGE = POLICY.but(on_expiry=OnExpiry.read("ask_again"), severity=Severity.read("catastrophic"))
OWNER = room().assignment(Role.VALIDATOR).but(role=Role.read("risk_owner"), on_duty=eve.name)
OPEN = room().but(severity=Severity.read("catastrophic"), assignments=(OWNER, *room().assignments))
PAUSED = OPEN.but(state=State.read("paused"))


def _settled(verdict: str) -> WarRoom:
    over = decided(OPEN)
    assert over.decision
    decision = over.decision.but(
        outcome=Outcome.read("risk_accepted"),
        verdict=Verdict.read(verdict),
        role=Role.read("risk_owner"),
        category=Category.read("insured"),
    )
    return over.but(decision=decision)


def _shown(message: Rendered) -> str:
    assert_slack_takes(message)
    return "\n".join((message.text, words(message.blocks), *mrkdwn(message.blocks)))


def _everywhere(place: WarRoom) -> list[str]:
    told = about(place, STRANGE)
    return [
        _shown(cards.card(told, VERBS)),
        _shown(cards.page(told, eve.name, VERBS)),
        _shown(cards.status(told, eve.name, VERBS)),
    ]


def test_an_open_room_shows_them_as_they_stand() -> None:
    for shown in _everywhere(OPEN):
        assert "Catastrophic" in shown
        assert "Risk_owner: Eve" in shown
        assert "the policy's default holds: ask_again" in shown
    assert "You are needed as risk_owner" in _shown(
        cards.page(about(OPEN, STRANGE), eve.name, VERBS)
    )
    assert news.topic(OPEN, STRANGE).endswith("default ask_again")


def test_lists_of_rooms_show_them_too() -> None:
    view = home.home(eve, [OPEN], {OPEN.id: STRANGE}, VERBS, START)
    assert_slack_takes_view(view)
    assert "you are the risk_owner" in words(view)
    assert "then the policy's default holds: ask_again" in words(view)
    assert OPEN.id in home.line(OPEN, START)
    assert "risk_owner" in _shown(digest.digest([OPEN], [], {OPEN.id: STRANGE}, eve))


def test_an_unknown_role_has_no_button_and_is_not_handed_off() -> None:
    assert verbs(cards.page(about(OPEN, STRANGE), eve.name, VERBS).blocks) == set()
    assert duties(OPEN, eve.name) == ()
    assert "approve" in verbs(cards.page(about(OPEN, STRANGE), val.name, VERBS).blocks)


def test_a_room_in_an_unknown_state_says_so_and_offers_nothing() -> None:
    for shown in _everywhere(PAUSED):
        assert "· paused" in shown
    card = cards.card(about(PAUSED, STRANGE), VERBS).blocks
    assert buttons(card) == choices(card) == []
    assert home.waiting(val, [PAUSED]) == []


@pytest.mark.parametrize("verdict", ["allow", "block", "ask_again"])
def test_a_decision_shows_them_as_they_stand_with_the_verdict_that_was_stored(
    verdict: str,
) -> None:
    place = _settled(verdict)
    event: e.Event = e.Decided(decision=place.decision) if place.decision else e.Closed()
    recorded = Recorded(seq=9, at=START, actor=eve.name, event=event, state="decided")
    told = [
        _shown(news.announcement(recorded, place, STRANGE)),
        _shown(news.told(recorded, place, STRANGE, val.name)),
        _shown(news.missed(place, STRANGE)),
        _shown(digest.digest([], [place], {place.id: STRANGE}, val)),
        news.topic(place, STRANGE),
    ]
    for shown in (*_everywhere(place), *told):
        assert "risk_accepted" in shown
        assert verdict in shown
        assert ("✅" in shown or "is allowed" in shown) <= (verdict == "allow")
    assert "Category: insured" in told[0]


def test_a_step_of_the_ladder_is_told_by_its_word() -> None:
    step = e.Escalated(rung=Rung.read("page_the_board"), due_at=START, notify=(eve.name,))
    recorded: Recorded[e.Event] = Recorded(
        seq=9, at=START, actor="system:warroom", event=step, state="open"
    )
    for message in (
        news.announcement(recorded, OPEN, STRANGE),
        news.told(recorded, OPEN, STRANGE, eve.name),
    ):
        assert "page_the_board" in _shown(message)
        assert "Last call" not in _shown(message)
    with pytest.raises(news.NotNewsError):
        news.announcement(
            Recorded(
                seq=9,
                at=START,
                actor="system:warroom",
                event=e.Escalated(rung=Rung.REMIND, due_at=START, notify=()),
                state="open",
            ),
            OPEN,
            STRANGE,
        )
