"""What people read of a room that a new commit has ended, and of the one that took its place."""

import json
from datetime import timedelta
from typing import Any

from bot.domain.aggregate import Step
from bot.domain.earlier import EarlierRooms
from bot.domain.explanations import Explanation
from bot.domain.lifecycle import open_room
from bot.domain.person import NEW_COMMIT, SYSTEM
from bot.domain.superseding import CarryOver, Supersede
from bot.domain.violation import Origin
from bot.domain.war_room import WarRoom
from bot.integrations.slack.kinds import ANNOUNCE, TELL_RESULT
from bot.integrations.slack.show import cards, earlier, news
from bot.integrations.slack.verbs.registry import VERBS
from bot.local_slack import block_words
from tests.build import POLICY, START, ada, decide, made_by, rules, violation
from tests.outgoing import in_slack
from tests.slack.reading import about, verbs

SOON = START + timedelta(minutes=10)
NEW = "2" * 40
SINCE = "a newer commit came"


def _open(commit: str) -> WarRoom:
    origin = Origin(repository="acme/ranker", commit=commit, pull_request=42)
    return open_room("room000001", violation(origin=origin), made_by(ada), rules(), START).after


def _ended() -> Step[WarRoom, Any]:
    step = decide(_open("1" * 40), Supersede(commit=NEW), NEW_COMMIT, POLICY, SOON)
    assert isinstance(step, Step)
    return step


def test_card_announcement_and_topic_say_that_a_newer_commit_has_ended_it() -> None:
    step = _ended()
    room = step.after
    card = cards.card(about(room), VERBS)
    announced = news.announcement(step.events[0], room, POLICY)
    for shown in (card, announced, news.result(room, POLICY)):
        words = block_words(shown.blocks)
        assert f"Superseded since {SINCE}" in words
        assert f"Commit {NEW[:12]} of acme/ranker#42 has taken its place." in words
        assert "stays blocked; the newer commit has an answer of its own" in words
    assert "Blocked: superseded" in block_words(card.blocks)
    assert not verbs(card.blocks)
    told = in_slack(_open("1" * 40), step.events[0], room)
    assert [each.payload["user"] for each in told if each.kind == TELL_RESULT.name] == [ada.name]
    assert [each.kind for each in told].count(ANNOUNCE.name) == 1
    assert f"Superseded ({SINCE})" in news.topic(room, POLICY)
    assert f"superseded since {SINCE}" in earlier.line(EarlierRooms(count=1, last=room))


def test_what_was_explained_on_an_earlier_commit_is_told_as_that() -> None:
    told = (
        Explanation(text="It is synthetic.", by=ada.name, room="room000000"),
        Explanation(question="All?", text="Every row.", by=ada.name, room="room000000"),
    )
    command = CarryOver(explanations=told, persons=(ada,))
    step = decide(_open(NEW), command, SYSTEM, POLICY, SOON)
    assert isinstance(step, Step)
    words = block_words(cards.card(about(step.after), VERBS).blocks)
    assert "It is synthetic." in words
    assert "All? → Every row." in words
    assert words.count("on an earlier commit, in war room room000000") == 2
    assert "Not answered yet" not in json.dumps(words)
