"""Rooms in every condition, with whatever text: what rendering has to cope with."""

from datetime import datetime, timedelta

from hypothesis import strategies as st

from bot.domain import commands as c
from bot.domain import storm
from bot.domain.aggregate import Step
from bot.domain.ask import letters
from bot.domain.contents import NEWEST
from bot.domain.explanations import EARLIER, Earlier, Explanation
from bot.domain.makers import Maker
from bot.domain.messages import PostedMessage
from bot.domain.person import SYSTEM, TIMEOUT
from bot.domain.policy import Policy, Role
from bot.domain.violation import Origin, Subject, Success, Violation
from bot.domain.war_room import Category, Outcome, Proposal, Void, WarRoom
from tests.build import (
    JUSTIFICATION,
    POLICY,
    START,
    ada,
    decide,
    jude,
    opened,
    val,
    violation,
)

HOSTILE = (
    "<!channel> <@U0EVE> <https://evil.test|your bank> & \u202emoc.lave\u202c *x* `y` \x00\x07"
)
LATER = START + timedelta(minutes=5)
ON_DUTY = (ada, val, jude)

texts = st.one_of(
    st.text(min_size=1, max_size=200),
    st.sampled_from([HOSTILE, "&" * 300, "<" * 300, "😀" * 300, "\u202e" * 9, '"' * 300]),
)
filled = texts.filter(lambda text: bool(text.strip()))
long_texts = st.one_of(
    filled, st.sampled_from(["&" * 3000, "😀" * 3000, '"\\' * 1500, "a b " * 750])
)
lines = filled.map(lambda text: text.strip()[:300])
words = st.none() | filled.map(lambda text: text.strip()[:200])
addresses = st.none() | st.sampled_from(
    ["https://ci.acme.test/run/1?a=b&c=d", "https://x.test/" + "&" * 1900, "http://a"]
)
facts = st.dictionaries(
    texts,
    st.recursive(
        st.none() | st.booleans() | st.integers() | texts,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
        max_leaves=20,
    ),
    max_size=20,
)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    return POLICY.but(title=draw(filled), description=draw(long_texts))


@st.composite
def crowds(draw: st.DrawFn) -> tuple[Violation, ...]:
    """Violations that join another, each with a key of its own."""
    count = draw(st.sampled_from([0, 1, 50, 120]))
    return tuple(violation(n + 2, title=draw(lines), dedup_key=f"key {n}") for n in range(count))


successes = st.builds(
    Success,
    key=st.just("ranker-7") | st.sampled_from(["key 0", "key 1"]),
    check=filled.map(lambda text: text.strip()[:200]),
    at=st.just(LATER),
    run_url=addresses,
    attempt=st.none() | st.integers(1, 10**9),
)


explanations = st.builds(
    Explanation, question=st.none() | long_texts, text=long_texts, by=st.sampled_from([None, "ada"])
)


@st.composite
def proposed(draw: st.DrawFn, *void: Void) -> tuple[Proposal, ...]:
    """What some would allow, one each, with any reason; for a while or without an end."""
    return tuple(
        Proposal(
            by=name,
            role=Role.VALIDATOR,
            at=LATER,
            outcome=draw(st.sampled_from([Outcome.APPROVED, Outcome.OVERRIDDEN])),
            reason=draw(long_texts),
            validity=draw(st.sampled_from([None, timedelta(days=30)])),
            void=draw(st.sampled_from(void)) if void else None,
        )
        for name in draw(st.lists(st.sampled_from(["val", "viv", "bea", "x"]), unique=True))
    )


@st.composite
def rooms(draw: st.DrawFn) -> WarRoom:
    """An open or decided room, with violations that say anything."""
    first = violation(
        title=draw(lines),
        subject=draw(st.builds(Subject, kind=words, name=words, digest=words, url=addresses)),
        origin=draw(
            st.builds(
                Origin,
                system=st.sampled_from(["github-actions", "gitlab", None]),
                repository=st.sampled_from(["acme/ranker", "<!here>/x", None]) | words,
                commit=st.sampled_from(["a" * 40, None]) | words,
                run_url=addresses,
                pull_request=st.none() | st.integers(1, 10**9),
                environment=words,
            )
        ),
    )
    room = holding(opened().after, first, *draw(crowds())).but(
        team=draw(words),
        is_storm=draw(st.booleans()),
        split_off=draw(st.sampled_from([0, 1])),
        channel=draw(st.sampled_from([None, "C0ROOM"])),
        unreachable=draw(st.sampled_from([{}, {val.name: "user_disabled"}, {HOSTILE: HOSTILE}])),
        question=draw(st.none() | long_texts),
        answer=draw(st.none() | long_texts),
        explanation=draw(st.none() | long_texts),
        earlier=Earlier(newest=tuple(draw(st.lists(explanations, max_size=EARLIER))), count=9),
        pages={val.name: PostedMessage(channel="D1", ts="1.1")},
        successes=tuple(draw(st.lists(successes, max_size=NEWEST))),
        proposals=draw(proposed()),
        voided=draw(proposed(*Void)),
    )
    return draw(st.sampled_from([room, decided(room, draw(long_texts)), expired(room)]))


def holding(room: WarRoom, first: Violation, *more: Violation) -> WarRoom:
    """The same room with these violations, all made by ada."""
    makers = (Maker(names=(ada.name,), known=True),)
    room = room.but(contents=storm.first_contents(first, makers))
    for joined in more:
        room = room.but(contents=storm.with_joined(room, joined, makers))
    return room


def decided(room: WarRoom, justification: str = JUSTIFICATION) -> WarRoom:
    text = justification if letters(justification) >= 40 else JUSTIFICATION
    order = c.Override(justification=text, category=Category.WAIVER, validity=timedelta(days=7))
    return after(room, order, jude.name)


def expired(room: WarRoom) -> WarRoom:
    return after(room, c.Expire(), TIMEOUT, room.expires_at)


def after(room: WarRoom, order: c.Command, name: str = SYSTEM, now: datetime = LATER) -> WarRoom:
    """The room after a command by somebody, which must be a legal one."""
    answer = decide(room, order, name, POLICY, now)
    assert isinstance(answer, Step), answer
    return answer.after


def asked(room: WarRoom) -> WarRoom:
    return after(room, c.RequestInfo(question="Which data set?"), val.name)
