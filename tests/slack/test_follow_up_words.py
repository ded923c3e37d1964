"""What is shown of a follow-up: harmless whatever others wrote, and of newer kinds their names."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.follow_up import CloseFollowUp, FollowUpKind, SampleAnswer
from bot.domain.violation import Origin
from bot.integrations.slack.show import follow_ups as show
from bot.integrations.slack.show.blocks import MESSAGE_SIZE
from bot.integrations.slack.show.home import home
from bot.integrations.slack.verbs.registry import VERBS
from tests.build import POLICY, START, acting, room, val, violation
from tests.domain.test_follow_up import owed, take
from tests.slack.hostile import addresses, facts, lines, long_texts, words
from tests.slack.reading import (
    assert_slack_takes,
    assert_slack_takes_view,
    buttons,
)
from tests.slack.reading import words as shown_words
from tests.slack.test_home import numbered

END = START + timedelta(days=7)


def about(follow_up: Any, **told: Any) -> show.OwedAbout:  # noqa: ANN401 - its fields
    policy = POLICY.but(title=told.pop("policy", POLICY.title))
    return show.OwedAbout(follow_up, policy, violation(**told), room().but(channel="C0ROOM"))


@settings(deadline=None)
@given(
    kind=st.sampled_from(FollowUpKind),
    title=lines,
    team=words,
    told=facts,
    run=addresses,
    reason=long_texts,
    now=st.sampled_from([START, END]),
)
def test_it_is_harmless_and_short_enough_whatever_others_wrote(
    kind: FollowUpKind,
    title: str,
    team: str | None,
    told: dict[str, Any],
    run: str | None,
    reason: str,
    now: datetime,
) -> None:
    asked = owed(kind, title=title, because=title, team=team, policy_id=title)
    origin = Origin(repository=team, commit=team, environment=team, run_url=run)
    assert_slack_takes(show.message(about(asked, facts=told, policy=title, origin=origin)))
    assert_slack_takes(show.reminder(asked, now))
    for view in (
        home(val, [], {}, VERBS, now, [asked] * 9),
        show.no_modal(asked, ""),
        show.done_modal(asked, ""),
    ):
        assert_slack_takes_view(view)
    answers = {"answer": SampleAnswer.NO} if kind is FollowUpKind.SAMPLE else {}
    why = f"because {reason}"[:3000]
    command = CloseFollowUp(**answers, link="https://x.test/" + "&" * 1900, reason=why)
    closed = take(asked, command, acting(val.name))
    message = show.message(about(closed, facts=told, policy=title, origin=origin))
    assert_slack_takes(message)
    assert len(json.dumps(message.blocks, ensure_ascii=False)) <= MESSAGE_SIZE
    assert buttons(message.blocks) == []


def test_a_long_list_is_cut_and_says_how_many_more_there_are() -> None:
    listed = show.listed([owed()] * 9, START)
    assert buttons(listed) == ["follow_up_yes", "follow_up_no"] * show.SHOWN
    assert "… and 4 more to follow up" in shown_words(listed)
    assert show.heading([owed()] * 9) == "9 follow-ups to do"


@pytest.mark.parametrize(("now", "words"), [(START, "by <!date"), (END, "overdue since <!date")])
def test_a_list_says_until_when_it_is_owed_or_since_when_it_is_overdue(
    now: datetime, words: str
) -> None:
    assert words in shown_words(show.listed([owed()], now))


def test_what_only_a_newer_version_asks_is_called_by_its_name_and_can_be_done() -> None:
    newer = owed().but(kind=FollowUpKind.read("prevention"))
    message = show.message(about(newer))
    assert "You owe a prevention." in shown_words(message.blocks)
    assert buttons(message.blocks) == ["follow_up_done"]
    done = take(newer, CloseFollowUp(reason="The rule was changed."), acting(val.name))
    assert "Done" in shown_words(show.message(about(done)).blocks)
    answered = take(owed(), CloseFollowUp(answer=SampleAnswer.YES), acting(val.name))
    assert answered.closure
    maybe = answered.closure.but(answer=SampleAnswer.read("perhaps"))
    assert "perhaps" in shown_words(show.message(about(answered.but(closure=maybe))).blocks)


def test_a_full_home_has_place_for_what_waits_and_for_what_is_owed() -> None:
    rooms = [numbered(number) for number in range(100)]
    view = home(val, rooms, {each.id: POLICY for each in rooms}, VERBS, START, [owed()] * 9)
    assert_slack_takes_view(view)
    said = shown_words(view)
    assert "100 war rooms wait for you, 9 follow-ups to do" in said
    assert "… and 80 more" in said
    assert "… and 4 more to follow up" in said
