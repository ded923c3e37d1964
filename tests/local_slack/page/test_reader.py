"""A reader knows what the workspace lets them know."""

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from bot.local_slack import LocalSlackConfig, Member, Usergroup
from bot.local_slack.config import StartingChannel
from bot.local_slack.page.page_reader import Reader
from bot.local_slack.slack_errors import SlackError
from bot.local_slack.state.workspace import Workspace
from tests.build import ADA, BEA, BOT, VAL
from tests.local_slack.page.reading import NOW


def test_a_reader_knows_what_the_workspace_lets_them_know() -> None:
    config = LocalSlackConfig(
        people=(
            Member(id=ADA, name="ada", real_name="Ada Byron", tz="America/New_York"),
            Member(id=VAL, name="val", tz="No/Where"),
            Member(id=BEA, name="bea", tz=""),
        ),
        bot_name="War room",
        usergroups=(Usergroup(id="S1", handle="sec"),),
        channels=(
            StartingChannel(id="C1", name="general"),
            StartingChannel(id="C2", name="secret", private=True, members=(ADA,)),
        ),
    )
    workspace = Workspace(config, clock=lambda: NOW)
    workspace.conversations.direct([ADA])
    reader = Reader.of(workspace, ADA)
    assert (reader.now, reader.tz) == (NOW, ZoneInfo("America/New_York"))
    assert reader.people == {ADA: "Ada", VAL: "val", BEA: "bea", BOT: "War room"}
    assert (reader.channels, reader.usergroups) == (
        {"C1": "general", "C2": "secret"},
        {"S1": "sec"},
    )
    assert Reader.of(workspace, VAL).channels == {"C1": "general"}
    assert Reader.of(workspace, VAL).tz is Reader.of(workspace, BEA).tz is UTC
    with pytest.raises(SlackError, match="user_not_found"):
        Reader.of(workspace, "U0NOBODY")
