"""Who is told to come again later does so, and not before."""

import pytest

from bot.client import waiting
from bot.client.bot import Bot
from bot.client.waiting import Wait
from bot.errors import UnreachableError
from tests.client.conftest import ANSWER, Receiver, Warroom
from tests.staging.environment import TOKEN


def test_send_comes_again_when_it_is_told_to_with_the_same_id(
    warroom: Warroom, receiver: Receiver
) -> None:
    receiver.later = ["1"]
    done = warroom("send")
    assert done.exit_code == 0, done.output
    assert "again in 1 s" in done.output
    first, second = receiver.at
    assert second - first >= 1
    assert len({each["webhook-id"] for each in receiver.headers}) == 1


@pytest.mark.parametrize("later", ["3600", "0", "soon", "Fri, 27 Nov 2026 09:00:00 GMT"])
def test_send_waits_for_nobody_who_is_busy_for_an_hour_or_does_not_say_how_long(
    warroom: Warroom, receiver: Receiver, later: str
) -> None:
    receiver.later = [later]
    done = warroom("send")
    assert (done.exit_code, len(receiver.bodies)) == (3, 1)


def test_the_gate_comes_again_no_sooner_than_it_is_told(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "AGAIN_SECONDS", 0.01)
    receiver.later = ["1"]
    bot, told = Bot(receiver.url, TOKEN), list[str]()
    assert Wait(bot, None, told.append).ask(lambda: bot.report({}, "a key")) == ANSWER
    first, second = receiver.at
    assert second - first >= 1
    assert len(told) == 1


def test_the_gate_does_not_wait_past_its_end(receiver: Receiver) -> None:
    receiver.later = ["9"]
    bot = Bot(receiver.url, TOKEN)
    with pytest.raises(UnreachableError, match="busy"):
        Wait(bot, 8, print).ask(lambda: bot.report({}, "a key"))
