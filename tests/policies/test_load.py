"""The configuration loads, or each error names its place and what is needed."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.policy import OnExpiry, Rung
from bot.domain.violation import Initiator, Report
from bot.integrations.registry import with_built_in
from bot.policies.lint import lint
from bot.policies.load import load
from bot.yaml.problems import ConfigError
from tests.policies.conftest import PEOPLE, POLICIES

SHIPPED = Path(__file__).parents[2] / "config"


def test_the_shipped_examples_load_and_cover_three_policies() -> None:
    config = load(SHIPPED, with_built_in().sections)
    assert {"pii-fine-tuning", "model-export", "production-drift"} <= set(config.policies)
    assert lint(config) == []
    assert config.sources.sections["github"].policies


def test_defaults_are_filled_in_and_people_resolved_in_the_order_of_duty(folder: Path) -> None:
    policy = load(folder).policies["pii"]
    assert policy.validator.members == ("val", "bea")
    assert policy.adjudicator.members == ("jude",)
    assert policy.adjudicator.backups == ("bea",)
    assert policy.window == timedelta(hours=4)
    assert policy.on_expiry is OnExpiry.BLOCK
    assert [(step.at, step.do) for step in policy.ladder] == [
        (0.25, Rung.REMIND),
        (0.5, Rung.PAGE_BACKUP),
        (0.9, Rung.LAST_CALL),
    ]
    assert policy.override.min_justification == 40
    assert policy.override.max_validity == timedelta(days=30)
    assert (policy.place, policy.private) == ("policies.yaml:3", True)


@pytest.mark.parametrize(
    ("found", "instead", "place", "said"),
    [
        ("window: 4h", "windw: 4h", "policies.yaml:1:12", "did you mean 'window'?"),
        ("window: 4h", "window: NO", "policies.yaml:1:20", "found 'NO', need a duration"),
        ("window: 4h", "window: 12:30:00", "policies.yaml:1:20", "found '12:30:00'"),
        ("window: 4h", "window: 0h", "policies.yaml:1:20", "longer than nothing"),
        ("severity: high", "severity: hihg", "policies.yaml:6:15", "did you mean 'high'?"),
        ("title: Personal data", "titel: Personal data", "policies.yaml:4:5", "'title'?"),
        ("from: jude,", "from: jud,", "policies.yaml:9:27", "did you mean 'jude'?"),
        ("from: privacy", "from: privcy", "policies.yaml:8:25", "did you mean 'privacy'?"),
        ("backup: bea", "bakup: bea", "policies.yaml:9:33", "did you mean 'backup'?"),
        ("id: pii", "id: PII", "policies.yaml:3:9", "found 'PII'"),
        (
            "    description: Ask first.\n",
            "",
            "policies.yaml:3:5",
            "found no 'description', need one",
        ),
        ("severity: high", "on_expiry: alow", "policies.yaml:6:16", "did you mean 'allow'?"),
        ("severity: high", "private: maybe", "policies.yaml:6:14", "found 'maybe'"),
        ("severity: high", "title: Twice", "policies.yaml:6:5", "a second time"),
        ("severity: high", "ladder: [{at: 120%, do: remind}]", "policies.yaml:6:19", "'120%'"),
        ("severity: high", "ladder: [{at: 20%, do: nag}]", "policies.yaml:6:28", "found 'nag'"),
        ("severity: high", "override: {min_justification: 0}", "policies.yaml:6:35", "found 0"),
        ("policies:", "policies: &all", "policies.yaml:2:11", "anchor"),
        ("id: pii", "id: !!str pii", "policies.yaml:3:9", "tag"),
        ("severity: high", "severity: [high", "policies.yaml:7:10", "no valid YAML"),
    ],
)
def test_an_error_names_line_and_column_and_what_is_needed(
    folder: Path, found: str, instead: str, place: str, said: str
) -> None:
    (folder / "policies.yaml").write_text(POLICIES.replace(found, instead, 1))
    with pytest.raises(ConfigError) as error:
        load(folder)
    assert f"{place}: " in str(error.value)
    assert said in str(error.value)
    assert "^" in str(error.value)


@pytest.mark.parametrize(
    ("found", "instead", "said"),
    [
        (
            "slack: U0VAL",
            "slack: val",
            "people.yaml:3:17: slack: found 'val', need a Slack user id",
        ),
        ("slack: U0VAL", "slack: U0ADA", "people.yaml:3:17: slack: found 'U0ADA', which is ada's"),
        (
            "[val, bea]",
            "[vall, bea]",
            "people.yaml:7:13: found the unknown person 'vall', did you mean 'val'?",
        ),
        ("[val, bea]", "[]", "people.yaml:7:12: found nobody in the group 'privacy'"),
        ("privacy:", "ada:", "people.yaml:7:3: found the group 'ada', which is a person's name"),
        (
            "email: val@acme.test",
            "mail: val@acme.test",
            "found the unknown key 'mail', did you mean 'email'?",
        ),
    ],
)
def test_people_are_checked_too(folder: Path, found: str, instead: str, said: str) -> None:
    (folder / "people.yaml").write_text(PEOPLE.replace(found, instead, 1))
    with pytest.raises(ConfigError) as error:
        load(folder)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("bots", "said"),
    [
        ("[acme-ci, ada]", "found 'ada', which is ada's, need an account that is nobody's"),
        ("[VAL@acme.test]", "found 'VAL@acme.test', which is val's"),
        ("[acme ci]", "found 'acme ci', need a login, an address or a Slack id"),
    ],
)
def test_a_service_account_is_one_that_is_nobodys(folder: Path, bots: str, said: str) -> None:
    (folder / "people.yaml").write_text(f"{PEOPLE}\nbots: {bots}\n")
    with pytest.raises(ConfigError, match=re.escape(said)):
        load(folder)


@pytest.mark.parametrize(
    ("email", "behind"),
    [("ci@acme.test", []), ("ci+x@acme.test", []), ("CI <ci+val@acme.test>", ["val"])],
)
def test_a_service_account_has_tags_too_but_those_that_somebody_is_listed_with(
    folder: Path, email: str, behind: list[str]
) -> None:
    people = PEOPLE.replace("email: val@acme.test", "email: [val@acme.test, ci+val@acme.test]")
    (folder / "people.yaml").write_text(f"{people}\nbots: ci@acme.test\n")
    initiator, other = Initiator(email=email), Initiator(github="ada")
    report = Report(policy="pii", title="t", initiator=initiator, contributors=(other,))
    _, makers = load(folder).people.attributed(report)
    assert [who.name for each in makers for who in each.persons] == [*behind, "ada"]
    assert [account for each in makers for account in each.accounts] == []


def test_all_problems_are_said_at_once(folder: Path) -> None:
    broken = POLICIES.replace("severity: high", "severity: hihg").replace("title:", "titel:")
    (folder / "policies.yaml").write_text(broken)
    with pytest.raises(ConfigError) as error:
        load(folder)
    assert len(error.value.problems) == 3  # the severity, the unknown key, the missing title


@pytest.mark.parametrize("roles", ["{validator: jude, adjudicator: jude}"])
def test_a_policy_that_leaves_nobody_eligible_is_refused(folder: Path, roles: str) -> None:
    head = POLICIES.partition("    roles:")[0]
    (folder / "policies.yaml").write_text(f"{head}    roles: {roles}\n")
    with pytest.raises(ConfigError, match="nobody could decide"):
        load(folder)


def test_a_slack_user_group_may_hold_a_role(folder: Path) -> None:
    text = POLICIES.replace("from: privacy", "from: S0PRIVACY")
    (folder / "policies.yaml").write_text(text)
    bench = load(folder).policies["pii"].validator
    assert (bench.members, bench.member_group) == ((), "S0PRIVACY")


def test_hosts_that_callbacks_may_reach_are_named(folder: Path) -> None:
    text = "callbacks: {allow: [ci.internal.acme.test, 127.0.0.1, 'fd00::1', ci_server]}\n"
    (folder / "sources.yaml").write_text(text)
    allowed = ("ci.internal.acme.test", "127.0.0.1", "fd00::1", "ci_server")
    assert load(folder).sources.callbacks.allow == allowed


def test_what_is_shipped_allows_no_host_inside() -> None:
    assert load(SHIPPED, with_built_in().sections).sources.callbacks.allow == ()


def test_sources_map_only_to_policies_that_exist(folder: Path) -> None:
    text = "github:\n  secret_env: S\n  policies: {Guardrails: pij}\n"
    (folder / "sources.yaml").write_text(text)
    with pytest.raises(
        ConfigError, match=r"sources\.yaml:3:26: found the unknown policy 'pij'.*'pii'"
    ):
        load(folder, with_built_in().sections)


def test_a_missing_file_is_said_with_the_variable_that_names_its_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="WARROOM_CONFIG"):
        load(tmp_path)


def test_the_digest_changes_with_what_can_change_a_decision_and_with_nothing_else(
    folder: Path,
) -> None:
    before = load(folder).policies["pii"].digest
    (folder / "policies.yaml").write_text("# a comment\n" + POLICIES)
    assert load(folder).policies["pii"].digest == before
    (folder / "policies.yaml").write_text(POLICIES.replace("4h", "5h"))
    assert load(folder).policies["pii"].digest != before
    (folder / "policies.yaml").write_text(POLICIES)
    (folder / "people.yaml").write_text(PEOPLE.replace("[val, bea]", "[bea, val]"))
    assert load(folder).policies["pii"].digest != before


@pytest.mark.parametrize(
    ("identity", "name"),
    [
        ({"slack": "U0ADA"}, ["ada"]),
        ({"email": "VAL@acme.test"}, ["val"]),
        ({"github": "ada"}, ["ada"]),
        ({"slack": "U0JUDE", "email": "val@acme.test"}, ["jude", "val"]),
        ({"email": "new@acme.test"}, []),
    ],
)
def test_initiators_are_found_by_any_identity_and_those_of_two_people_are_both(
    folder: Path, identity: dict[str, str], name: list[str]
) -> None:
    report = Report(policy="pii", title="t", initiator=Initiator.model_validate(identity))
    _, (maker,) = load(folder).people.attributed(report)
    assert [person.name for person in maker.persons] == name


def test_who_a_login_only_may_be_is_an_initiator_and_who_it_is_stays_unknown(folder: Path) -> None:
    """Anybody may choose a login that looks like a colleague's managed one."""
    report = Report(policy="pii", title="t", initiator=Initiator(github="val_acme"))
    _, (maker,) = load(folder).people.attributed(report)
    assert [person.name for person in maker.persons] == ["val"]
    assert (maker.accounts, maker.known) == (("github:val_acme",), False)


@pytest.mark.parametrize(
    ("identity", "team", "attributed"),
    [
        ({"github": "ada"}, None, ("search", "ada")),
        ({"slack": "U0ADA"}, "ads", ("ads", "ada")),
        ({"slack": "U0NEW"}, None, (None, "slack:U0NEW")),
        ({"email": "new@acme.test"}, "ads", ("ads", None)),
    ],
)
def test_a_report_goes_to_its_initiators_team_unless_it_names_one(
    folder: Path,
    identity: dict[str, str],
    team: str | None,
    attributed: tuple[str | None, str | None],
) -> None:
    report = Report(policy="pii", title="t", team=team, initiator=Initiator(**identity))
    found, (maker,) = load(folder).people.attributed(report)
    name = maker.persons[0].name if maker.persons else None
    assert (found.team, name) == attributed


def test_a_person_may_have_several_accounts_of_a_kind_and_the_first_is_used(folder: Path) -> None:
    text = PEOPLE.replace("slack: U0ADA", "slack: [U0ADA, U0ADB]").replace("Ada,", "[Ada, ada2],")
    (folder / "people.yaml").write_text(text)
    people = load(folder).people
    assert people.in_slack("U0ADB") == people.people["ada"]
    assert people.with_account("github", "ADA2") == people.people["ada"]
    assert people.people["ada"].slack == "U0ADA"
