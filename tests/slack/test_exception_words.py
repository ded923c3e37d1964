"""What is shown of exceptions is Slack's to take, whatever came in with them."""

from datetime import timedelta

import pytest

from bot.domain.exception import ExceptionState, PolicyException
from bot.domain.policy import OfferedScope, ScopeKind
from bot.integrations.slack.show import exceptions
from bot.integrations.slack.show.blocks import LEVELS, Detail
from bot.integrations.slack.show.text import Rendered
from tests.build import POLICY, START, jude, room, val, violation
from tests.domain.test_exceptions import active
from tests.slack.hostile import HOSTILE
from tests.slack.reading import assert_slack_takes, assert_slack_takes_view, buttons, words

DAY = timedelta(days=1)
CONDITION = OfferedScope(kind=ScopeKind.CONDITION, name="eu", words=HOSTILE)


def exception() -> PolicyException:
    """Everything in it that comes from outside is hostile, and long."""
    return active().but(
        id="room000001",
        title=HOSTILE * 9,
        allows=HOSTILE * 60,
        scope=CONDITION,
        team=HOSTILE,
        policy_id=HOSTILE,
        reason=HOSTILE * 20,
        renewals=1,
        waived=12_345,
        newest=(violation(title=HOSTILE),),
        review_at=START + DAY,
    )


@pytest.mark.parametrize("detail", LEVELS)
def test_slack_takes_what_stands_in_its_room_and_in_a_list(detail: Detail) -> None:
    held = exception()
    over = held.but(
        state=ExceptionState.REVOKED,
        revoked_by=val.name,
        revoked_at=START,
        revoked_for=HOSTILE * 20,
    )
    for each in (held, over):
        blocks = exceptions.in_its_room(each, START, detail)
        assert_slack_takes(Rendered("It allows this.", blocks))
        listed = exceptions.listed([(each, room())], jude, START, 300, left=2)
        assert_slack_takes(Rendered("It allows this.", listed))
        assert bool(buttons(listed)) is (each is held)
    assert "12,345 times" in words(exceptions.in_its_room(held, START, LEVELS[0]))


def test_slack_takes_the_modals() -> None:
    for modal in (exceptions.renew_modal, exceptions.revoke_modal):
        assert_slack_takes_view(modal(exception(), POLICY, START, "{}"))


def test_a_renewal_offers_what_ends_later_than_the_exception_does() -> None:
    """Its policy's longest, where nothing usual does; that is chosen then."""
    for left, offered in ((3, ["7d", "14d", "30d"]), (13, ["14d", "30d"]), (40, ["30d"])):
        held = active().but(until=START + left * DAY)
        view = exceptions.renew_modal(held, POLICY, START, "{}")
        (element,) = (b["element"] for b in view["blocks"] if b.get("block_id") == "validity")
        assert [option["value"] for option in element["options"]] == offered
        chosen = element.get("initial_option")
        assert chosen == (element["options"][0] if len(offered) == 1 else None)
