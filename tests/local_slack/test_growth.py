"""What is over is forgotten: uploads that nobody completed, tickets that nobody used."""

import time

import pytest

from bot.local_slack import LocalSlackConfig
from bot.local_slack.slack_errors import SlackError
from bot.local_slack.state.workspace import Workspace
from tests.build import ADA, BOT

HOUR = 3600.0


class Hours:
    """A monotonic clock that can be put forward."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.gone, self._true = 0.0, time.monotonic
        monkeypatch.setattr(time, "monotonic", self)

    def __call__(self) -> float:
        return self._true() + self.gone * HOUR


def test_an_upload_is_forgotten_after_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    hours, files = Hours(monkeypatch), Workspace(LocalSlackConfig()).files
    file, ticket = files.announce("a.txt", 3, BOT)
    files.receive(ticket, b"abc")
    _, waiting = files.announce("b.txt", 3, BOT)
    hours.gone = 0.9
    later, _ = files.announce("c.txt", 3, BOT)
    hours.gone = 1.1
    with pytest.raises(SlackError, match="not_found"):
        files.awaited(waiting)
    with pytest.raises(SlackError, match="file_not_found"):
        files.complete({file: None}, BOT)
    held = files._uploads.values()  # noqa: SLF001 - what is held is what this is about
    assert [upload.file for upload in held] == [later]


def test_what_was_handed_out_is_forgotten_some_time_after_it_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hours, tickets = Hours(monkeypatch), Workspace(LocalSlackConfig()).tickets
    trigger, response = tickets.new_trigger(ADA), tickets.new_response(ADA, "C0GENERAL", None)
    hours.gone = 0.6
    with pytest.raises(SlackError, match="expired_trigger_id"):
        tickets.check_trigger(trigger)
    with pytest.raises(SlackError, match="expired_url"):
        tickets.use_response(response)
    hours.gone = 1.2
    tickets.new_trigger(ADA)
    tickets.new_response(ADA, "C0GENERAL", None)
    with pytest.raises(SlackError, match="invalid_trigger_id"):
        tickets.check_trigger(trigger)
    with pytest.raises(SlackError, match="not_found"):
        tickets.use_response(response)
