import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.channel_names import channel_name, is_channel_of, room_id_in
from bot.domain.lifecycle import open_room
from bot.domain.violation import Origin, Subject
from bot.domain.war_room import WarRoom
from tests.build import POLICY, START, made_by, rules, violation

ROOM = "room000001"
SLACK_TAKES = re.compile(r"[a-z0-9_-]{1,80}")


def _room(
    name: str | None, version: str | None = None, *, policy: str = POLICY.id, storm: bool = False
) -> WarRoom:
    first = violation(policy=policy, subject=Subject(name=name, version=version))
    known = rules(POLICY.but(id=policy))
    return open_room(ROOM, first, made_by(), known, START, is_storm=storm).after


@pytest.mark.parametrize(
    ("name", "version", "about"),
    [
        ("ranker", "7", "ranker-7"),
        ("ranker", None, "ranker-pii-fine-tuning"),
        (None, None, "pii-fine-tuning"),
        ("Ranker v2.1 (EU)", "2026.11", "ranker-v2-1-eu-2026-11"),
        ("acme/ranker", "feature_x", "acme-ranker-feature_x"),
        ("Zürich-Café", "№7", "zurich-cafe-no7"),
        ("模型", "7", "pii-fine-tuning-7"),
        ("7", "7", "7-7"),
        ("pii-fine-tuning", None, "pii-fine-tuning-pii-fine-tuning"),
        ("Straße", "ẞ1", "strasse-ss1"),
        ("Ærø Łódź", "Œuvre", "aero-lodz-oeuvre"),
        ("ranker模型v2", "ran\u00adker", "ranker-v2-ranker"),
        ("<!channel>\u202e", "…", "channel-pii-fine-tuning"),
        ("9fceb02d0ae598e95dc970b74767f19372d61af8", None, "9fceb02-pii-fine-tuning"),
        ("ranker", "sha256:" + "8c1f2a7d" * 8, "ranker-sha256-8c1f2a7"),
    ],
)
def test_a_channel_is_named_after_the_subject_in_what_slack_takes(
    name: str | None, version: str | None, about: str
) -> None:
    assert channel_name(_room(name, version)) == f"wr-{about}-{ROOM}"


def test_what_is_only_known_by_its_commit_is_named_after_its_repository() -> None:
    commit = "9fceb02d0ae598e95dc970b74767f19372d61af8"
    origin = Origin(repository="acme/ranker", commit=commit)
    first = violation(subject=Subject(kind="commit", name=commit), origin=origin)
    room = open_room(ROOM, first, made_by(), rules(POLICY), START).after
    assert channel_name(room) == f"wr-ranker-{POLICY.id}-{ROOM}"


def test_a_storm_is_named_after_its_policy() -> None:
    assert channel_name(_room("ranker", "7", storm=True)) == f"wr-pii-fine-tuning-{ROOM}"


def test_a_long_name_is_cut_in_the_middle_and_keeps_its_end_and_the_rooms_id() -> None:
    name = channel_name(_room("customer-churn-" * 10, "2026-11-rc4"))
    assert len(name) == 80
    assert name.startswith("wr-customer-churn-customer-")
    assert name.endswith(f"-churn-2026-11-rc4-{ROOM}")
    assert "--" in name


@given(
    st.text(max_size=200).filter(str.strip) | st.none(),
    st.text(max_size=200).filter(str.strip) | st.none(),
    st.from_regex(r"[a-z0-9][a-z0-9-]{0,59}", fullmatch=True),
    st.booleans(),
)
def test_whatever_is_reported_slack_takes_the_name_and_the_room_is_read_from_it(
    name: str | None, version: str | None, policy: str, storm: bool
) -> None:
    made = channel_name(_room(name, version, policy=policy, storm=storm))
    assert SLACK_TAKES.fullmatch(made)
    assert is_channel_of(made, ROOM)
    assert room_id_in(made) == room_id_in(f"#{made}") == room_id_in(ROOM) == ROOM
    assert not is_channel_of(made, "room000002")


def test_a_channel_with_a_name_of_before_is_still_the_rooms() -> None:
    assert is_channel_of(f"wr-model-export-{ROOM}", ROOM)
    assert not is_channel_of(f"team-{ROOM}", ROOM)
