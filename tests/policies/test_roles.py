"""Who may decide: roles are given to people, groups and Slack user groups."""

from pathlib import Path

import pytest

from bot.domain.policy import Policy
from bot.policies.load import load
from tests.policies.conftest import POLICIES, Refuse

HEAD = POLICIES.partition("    roles:")[0]


def with_roles(folder: Path, validator: str, adjudicator: str) -> Policy:
    roles = f"    roles: {{validator: {validator}, adjudicator: {adjudicator}}}\n"
    (folder / "policies.yaml").write_text(HEAD + roles)
    return load(folder).policies["pii"]


def test_a_role_is_given_in_short_to_one_name(folder: Path) -> None:
    policy = with_roles(folder, "privacy", "jude")
    assert (policy.validator.label, policy.validator.members) == ("privacy", ("val", "bea"))
    assert policy.adjudicator.members == ("jude",)


def test_a_list_keeps_the_order_of_duty_and_names_nobody_twice(folder: Path) -> None:
    bench = with_roles(folder, "{from: [jude, privacy, val], backup: [bea, ada]}", "jude").validator
    assert bench.members == ("jude", "val", "bea")
    assert bench.backups == ("bea", "ada")
    assert bench.label == "jude, privacy, val"


def test_a_slack_user_group_stands_beside_people_or_behind_them(folder: Path) -> None:
    policy = with_roles(folder, "[val, S0PRIVACY]", "{from: jude, backup: S0LEGAL}")
    assert (policy.validator.members, policy.validator.member_group) == (("val",), "S0PRIVACY")
    assert (policy.adjudicator.backups, policy.adjudicator.backup_group) == ((), "S0LEGAL")


def test_a_group_of_our_own_goes_before_a_slack_user_group_of_the_same_name(folder: Path) -> None:
    people = (folder / "people.yaml").read_text() + "  SECURITY: [val]\n"
    (folder / "people.yaml").write_text(people)
    bench = with_roles(folder, "SECURITY", "jude").validator
    assert (bench.members, bench.member_group) == (("val",), None)


@pytest.mark.parametrize(
    ("validator", "adjudicator"),
    [("val", "val"), ("{from: val, backup: val}", "{from: val}"), ("[val, val]", "val")],
)
def test_one_person_alone_in_every_role_is_refused(
    folder: Path, refused: Refuse, validator: str, adjudicator: str
) -> None:
    roles = f"    roles: {{validator: {validator}, adjudicator: {adjudicator}}}\n"
    (folder / "policies.yaml").write_text(HEAD + roles)
    assert "policies.yaml:7:12: found one person in every role" in refused()


@pytest.mark.parametrize("adjudicator", ["S0LEGAL", "{from: val, backup: bea}"])
def test_somebody_else_anywhere_is_enough(folder: Path, adjudicator: str) -> None:
    assert with_roles(folder, "val", adjudicator).validator.members == ("val",)
