from datetime import timedelta

from hypothesis import given, settings

from bot.domain import access
from bot.domain import commands as c
from bot.domain import reported as r
from bot.domain.lifecycle import open_room
from bot.domain.makers import Attributed
from bot.domain.person import SLACK, unnamed
from bot.domain.policy import OnExpiry, Policy, Role
from bot.domain.violation import Origin
from bot.domain.war_room import WarRoom
from bot.integrations.slack.show import cards, home, participants
from bot.integrations.slack.show.blocks import DETAILS
from bot.integrations.slack.show.links import links
from bot.integrations.slack.show.violation import Facts, story
from bot.integrations.slack.verbs.registry import VERBS
from tests.build import (
    EVERYBODY,
    POLICY,
    START,
    ada,
    eve,
    jude,
    made_by,
    room,
    rules,
    val,
    violation,
    viv,
)
from tests.slack.hostile import (
    ON_DUTY,
    after,
    asked,
    decided,
    expired,
    facts,
    holding,
    policies,
    rooms,
)
from tests.slack.reading import assert_slack_takes, assert_slack_takes_view, buttons, mrkdwn, words

CARD = {
    *("ack", "approve", "override", "reject", "dismiss"),
    *("withdraw", "request_info", "extend", "handoff"),
}
LINKS = 3000


@settings(max_examples=60, deadline=None)
@given(rooms(), policies(), facts)
def test_slack_takes_every_card_and_page_whatever_came_in(
    room: WarRoom, policy: Policy, found: Facts
) -> None:
    assert_slack_takes(cards.card(room, policy, found, VERBS))
    for who in ON_DUTY:
        assert_slack_takes(cards.page(room, policy, found, who.name, VERBS))
        assert_slack_takes(cards.status(room, policy, found, who.name, VERBS))
        assert_slack_takes_view(home.home(who, [room], {room.id: policy}, VERBS, START))


def test_an_open_card_has_every_button_once_with_the_room_as_its_value() -> None:
    card = cards.card(room(), POLICY, {}, VERBS)
    assert set(buttons(card.blocks)) == CARD
    assert len(buttons(card.blocks)) == len(CARD)
    assert {
        part["value"]
        for block in card.blocks
        for part in block.get("elements", [])
        if part["type"] == "button"
    } == {room().id}


def test_a_question_brings_a_button_to_answer_it() -> None:
    assert set(buttons(cards.card(asked(room()), POLICY, {}, VERBS).blocks)) == CARD | {"explain"}


@given(rooms())
@settings(max_examples=30, deadline=None)
def test_a_decided_card_and_page_have_no_button(room: WarRoom) -> None:
    if room.decision:
        assert buttons(cards.card(room, POLICY, {}, VERBS).blocks) == []
        assert buttons(cards.page(room, POLICY, {}, val.name, VERBS).blocks) == []


def test_a_page_has_only_buttons_that_its_reader_may_use() -> None:
    for who in EVERYBODY:
        allowed = {
            verb.action_id for verb in VERBS if access.acting_role(room(), who.name, verb.command)
        }
        assert set(buttons(cards.page(room(), POLICY, {}, who.name, VERBS).blocks)) <= allowed


def test_each_of_the_three_finds_their_buttons_on_their_page() -> None:
    expected = {
        ada.name: {"ack", "explain", "withdraw"},
        val.name: {"ack", "approve", "dismiss", "request_info", "extend", "handoff"},
        jude.name: CARD - {"withdraw"},
        eve.name: set(),
    }
    for name, found in expected.items():
        assert set(buttons(cards.page(room(), POLICY, {}, name, VERBS).blocks)) == found


def test_only_who_is_on_duty_is_offered_to_hand_off() -> None:
    assert "handoff" not in buttons(cards.page(room(), POLICY, {}, viv.name, VERBS).blocks)


def test_a_card_says_everything_that_a_decision_needs() -> None:
    subject = violation(
        subject={"kind": "model", "name": "ranker", "version": "7", "digest": "sha256:abc"},
        origin={
            "system": "github-actions",
            "repository": "acme/ranker",
            "commit": "c0ffee0" * 5,
            "run_url": "https://github.com/acme/ranker/actions/runs/1",
            "pull_request": 42,
            "environment": "production",
        },
        facts={"dataset": {"name": "customers_eu", "rows": 3, "eu": True}},
    )
    card = cards.card(holding(room(), subject), POLICY, subject.report.facts, VERBS)
    text = words(card.blocks)
    for part in (
        "High: Unapproved fine-tuning on personal data", "ranker fine-tuned on customers_eu",
        "model ranker 7", "sha256:abc", "*production*", "dataset.name: customers_eu",
        "dataset.eu: true", "policies.yaml:3", POLICY.description, POLICY.digest[:19],
        "<@U0ADA>", "<@U0VAL>", "may act too: <@U0VIV>", "<@U0JUDE>", "backup: <@U0BACK>",
        "<https://github.com/acme/ranker/actions/runs/1|Run>",
        f"<https://github.com/acme/ranker/commit/{'c0ffee0' * 5}|Commit c0ffee0>",
        "<https://github.com/acme/ranker/pull/42|Pull request #42>",
        "<!date^1795179600^", "the change stays *blocked*",
    ):  # fmt: skip
        assert part in text, part


def test_a_commit_that_is_the_subject_is_shown_once_and_short() -> None:
    commit = "c0ffee1" * 5 + "c0ffe"
    subject = {"kind": "commit", "name": commit}
    failed = violation(subject=subject, origin={"repository": "acme/ranker", "commit": commit})
    told = words(cards.card(holding(room(), failed), POLICY, {}, VERBS).blocks)
    assert (told.count("c0ffee1"), f"commit `{commit[:12]}`" in told) == (1, True)


def test_a_fact_that_is_null_is_said_not_to_be_given() -> None:
    found = {"approval": None, "reviews": {"legal": None, "done": False}}
    told = words(cards.card(room(), POLICY, found, VERBS).blocks)
    for line in ("approval: not given", "reviews.legal: not given", "reviews.done: false"):
        assert line in told
    assert "null" not in told


def test_links_are_derived_for_github_only() -> None:
    for origin in (
        Origin(system="gitlab", repository="acme/ranker", commit="c0ffee0", pull_request=4),
        Origin(system="github", repository="acme/../ranker", commit="c0ffee0"),
        Origin(system="github", repository="acme/ranker", commit="main; rm"),
        Origin(repository="acme/ranker", commit="c0ffee0"),
    ):
        assert links(violation(origin=origin.model_dump()), LINKS) == ""


def test_links_follow_the_server_that_the_run_is_on() -> None:
    origin = Origin(
        system="github-actions", repository="acme/ranker", commit="c0ffee0",
        run_url="https://git.acme.test/acme/ranker/actions/runs/1",
    )  # fmt: skip
    line = links(violation(origin=origin.model_dump()), LINKS)
    assert "<https://git.acme.test/acme/ranker/commit/c0ffee0|Commit c0ffee0>" in line


def test_who_has_acknowledged_is_marked() -> None:
    seen = room().but(acknowledged={val.name: START})
    assert "<@U0VAL> ✓ acknowledged" in words(cards.card(seen, POLICY, {}, VERBS).blocks)
    assert "ack" not in buttons(cards.page(seen, POLICY, {}, val.name, VERBS).blocks)


def test_who_cannot_be_reached_is_marked_with_the_reason() -> None:
    gone = room().but(unreachable={val.name: "user_disabled"})
    assert "<@U0VAL> ⚠ can't be reached (account deactivated)" in words(
        cards.card(gone, POLICY, {}, VERBS).blocks
    )


def test_an_initiator_whom_slack_does_not_know_is_named() -> None:
    shown = room(initiator=None, email="eve@acme.test")
    assert "eve@acme.test ⚠ (Slack is being asked who that is)" in words(
        cards.card(shown, POLICY, {}, VERBS).blocks
    )


def test_a_role_that_nobody_can_have_is_said_aloud() -> None:
    empty = POLICY.validator.but(members=(ada.name,))
    alone = room(POLICY.but(validator=empty))
    assert "*Validator* (privacy): ⚠ nobody eligible" in words(
        cards.card(alone, POLICY, {}, VERBS).blocks
    )


def test_a_user_group_is_never_mentioned() -> None:
    group = POLICY.validator.but(members=(), member_group="S0PRIV")
    waiting = room(POLICY.but(validator=group))
    assert "S0PRIV" not in words(cards.card(waiting, POLICY, {}, VERBS).blocks)


def test_an_extension_shows_on_the_card() -> None:
    longer = room().but(expires_at=START + timedelta(hours=5))
    assert "extended by 1 h of at most 4 h" in words(cards.card(longer, POLICY, {}, VERBS).blocks)


def test_an_extension_that_is_used_up_is_not_offered() -> None:
    longest = room().but(expires_at=START + timedelta(hours=8))
    assert "extend" not in buttons(cards.page(longest, POLICY, {}, val.name, VERBS).blocks)


def test_question_and_answer_stand_on_the_card() -> None:
    told = asked(room())
    assert "Which data set?" in words(cards.card(told, POLICY, {}, VERBS).blocks)
    answered = told.but(answer="customers_eu")
    assert "customers_eu" in words(cards.card(answered, POLICY, {}, VERBS).blocks)


def test_fifty_joined_violations_are_counted_and_the_newest_of_them_named() -> None:
    many = tuple(violation(n, title=f"violation number {n}") for n in range(2, 52))
    crowd = holding(room(), violation(), *many)
    text = words(cards.card(crowd, POLICY, {}, VERBS).blocks)
    assert "50 more violations, under the same decision" in text
    assert "violation number 51" in text
    assert "violation number 42" in text
    assert "violation number 41" not in text
    assert "… and 40 more violations" in text


def test_a_justification_is_shown_in_full() -> None:
    justification = "".join(f"{n:05d}" for n in range(600))
    text = words(cards.card(decided(room(), justification), POLICY, {}, VERBS).blocks)
    assert justification in text.replace("\n", "")


def test_a_decision_says_what_by_whom_why_and_under_which_policy() -> None:
    text = words(cards.card(decided(room()), POLICY, {}, VERBS).blocks)
    for part in (
        "✅ Overridden", "<@U0JUDE> (adjudicator)", "ticket 4711", "waiver", "*allowed* until",
        "Valid until <!date^", "policies.yaml:3", POLICY.digest[:19], "Owner: <@U0JUDE>",
    ):  # fmt: skip
        assert part in text, part


def test_an_expiry_says_that_nobody_decided_in_time() -> None:
    text = words(cards.card(expired(room()), POLICY, {}, VERBS).blocks)
    assert "⛔ Expired" in text
    assert "*Expired* since nobody decided in time" in text
    assert "The policy's default holds. The change stays *blocked*." in text


def test_the_default_on_the_card_is_the_policys() -> None:
    lenient = POLICY.but(on_expiry=OnExpiry.ALLOW)
    assert "the change is *allowed*" in words(cards.card(room(), lenient, {}, VERBS).blocks)


def test_a_page_says_in_which_role_and_links_to_the_channel() -> None:
    text = words(cards.page(room().but(channel="C0ROOM"), POLICY, {}, jude.name, VERBS).blocks)
    assert f"You are needed as {Role.ADJUDICATOR}" in text
    assert "<#C0ROOM> (<https://slack.com/app_redirect?channel=C0ROOM|open>)" in text
    assert "channel follows" in words(cards.page(room(), POLICY, {}, jude.name, VERBS).blocks)


def test_mrkdwn_is_verbatim_so_that_slack_links_nothing_by_itself() -> None:
    for part in mrkdwn(cards.card(room(), POLICY, {}, VERBS).blocks):
        assert part
    assert all(
        block["text"].get("verbatim")
        for block in cards.card(room(), POLICY, {}, VERBS).blocks
        if block["type"] == "section" and block["text"]["type"] == "mrkdwn"
    )


def test_only_what_ends_a_room_at_once_takes_confirmation() -> None:
    """The others have a form to send in."""
    confirmed = {verb.action_id for verb in VERBS if verb.confirmation}
    assert confirmed == {"withdraw"}


def test_somebody_unknown_stands_once_among_the_initiators_with_all_that_is_in_the_way() -> None:
    nobody = unnamed(SLACK, "U0NOBODY")
    makers = (Attributed(persons=(nobody,), accounts=nobody.accounts),)
    here = open_room("room000001", violation(), makers, rules(), START).after
    here = after(here, c.IdentifyInitiator(account="slack:U0NOBODY", persons=()))
    here = after(here, r.RecordUnreachable(name=nobody.name, error="user_not_found"))
    line = "*Initiator*: <@U0NOBODY> ⚠ (not known here; can't be reached: unknown to Slack)"
    assert participants.initiators(here) == line


def test_a_storm_with_one_violation_says_why_that_has_no_room_of_its_own() -> None:
    storm = open_room("room000001", violation(), made_by(ada), rules(), START, is_storm=True).after
    alone = str(story(storm, {}, DETAILS[0]))
    assert "too many came before it for a room each" in alone
    more = after(storm, c.Join(violation=violation(2, dedup_key="b"), makers=made_by(ada)))
    assert "too many for a room each" in str(story(more, {}, DETAILS[0]))
