"""Defaults, the ladder and overrides; what lint has to say."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.aggregate import Step
from bot.domain.configuration import Load, decide
from bot.domain.person import BY_SYSTEM
from bot.domain.policy import Need, OnExpiry, Policy, ReasonRule, Rung, StormRule, digest_of
from bot.domain.refusal import Refusal
from bot.domain.violation import Severity
from bot.policies.lint import lint
from bot.policies.load import load
from tests.build import START
from tests.policies.conftest import POLICIES


def with_lines(folder: Path, *lines: str, defaults: str = "{window: 4h}") -> Policy:
    text = POLICIES.replace("{window: 4h}", defaults).replace("    severity: high\n", "")
    text = text.replace("    roles:", "".join(f"    {line}\n" for line in lines) + "    roles:")
    (folder / "policies.yaml").write_text(text)
    return load(folder).policies["pii"]


def test_a_policy_goes_before_the_defaults(folder: Path) -> None:
    defaults = "{severity: low, on_expiry: allow, private: false, archive_after: 2h, window: 1s}"
    policy = with_lines(folder, "window: 90s", "private: true", defaults=defaults)
    assert policy.window == timedelta(seconds=90)
    assert policy.private is True
    assert policy.severity is Severity.LOW
    assert policy.on_expiry is OnExpiry.ALLOW
    assert policy.archive_after == timedelta(hours=2)


def test_of_override_each_key_has_its_own_default(folder: Path) -> None:
    rule = with_lines(folder, "override: {max_validity: 7d}").override
    assert (rule.min_justification, rule.max_validity) == (40, timedelta(days=7))
    defaults = "{override: {min_justification: 90, max_validity: 1d}}"
    rule = with_lines(folder, "override: {max_validity: 7d}", defaults=defaults).override
    assert (rule.min_justification, rule.max_validity) == (90, timedelta(days=7))


def test_of_storm_each_key_has_its_own_default_and_it_is_part_of_the_digest(folder: Path) -> None:
    usual = with_lines(folder, "")
    assert usual.storm == StormRule(rooms=10, within=timedelta(minutes=5))
    defaults = "{storm: {rooms: 3, within: 1m}}"
    policy = with_lines(folder, "storm: {within: 90s}", defaults=defaults)
    assert policy.storm == StormRule(rooms=3, within=timedelta(seconds=90))
    assert with_lines(folder, "storm: {rooms: 11}").digest != usual.digest


def test_of_reasons_each_key_has_its_own_default_and_unset_they_are_not_in_the_digest(
    folder: Path,
) -> None:
    usual = with_lines(folder, "")
    assert usual.reasons == ReasonRule(approve=None, dismiss=None, min_length=5)
    assert with_lines(folder, "reasons: {min_length: 5}").digest == usual.digest
    defaults = "{reasons: {approve: optional, min_length: 9}}"
    policy = with_lines(folder, "reasons: {dismiss: optional}", defaults=defaults)
    assert policy.reasons == ReasonRule(approve=Need.OPTIONAL, dismiss=Need.OPTIONAL, min_length=9)
    assert with_lines(folder, "reasons: {approve: required}").digest != usual.digest


def test_the_ladder_is_put_in_the_order_of_time(folder: Path) -> None:
    ladder = "ladder: [{at: 90%, do: last_call}, {at: 12.5%, do: remind}, {at: 90%, do: remind}]"
    steps = with_lines(folder, ladder).ladder
    assert [(step.at, step.do) for step in steps] == [
        (0.125, Rung.REMIND),
        (0.9, Rung.LAST_CALL),
        (0.9, Rung.REMIND),
    ]


def test_a_ladder_may_have_no_steps(folder: Path) -> None:
    assert with_lines(folder, "ladder: []").ladder == ()


def as_loaded(folder: Path) -> Load:
    """The configuration in a folder, as a process says what it was started with."""
    config = load(folder)
    return Load(
        policies={policy.id: policy.digest for policy in config.policies.values()},
        sources=digest_of(config.sources_document),
        people=tuple(config.people.people.values()),
        started_by="tests",
    )


def test_a_load_is_another_by_any_of_its_policies_and_not_by_their_order(folder: Path) -> None:
    entry = POLICIES.partition("policies:\n")[2]
    other = entry.replace("id: pii", "id: export")
    (folder / "policies.yaml").write_text("policies:\n" + entry + other)
    before = decide(None, as_loaded(folder), BY_SYSTEM, None, START)
    assert isinstance(before, Step)
    (folder / "policies.yaml").write_text("policies:\n" + other + entry)
    again = decide(before.after, as_loaded(folder), BY_SYSTEM, None, START)
    assert isinstance(again, Refusal)
    (folder / "policies.yaml").write_text("policies:\n" + other)
    fewer = decide(before.after, as_loaded(folder), BY_SYSTEM, None, START)
    assert isinstance(fewer, Step)
    assert fewer.after.policies.keys() == {"export"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("severity: high\n    on_expiry: allow", "what nobody looks at is allowed"),
        ("private: false", "everybody in the workspace"),
    ],
)
def test_lint_names_the_place_of_what_is_seldom_meant(folder: Path, line: str, said: str) -> None:
    with_lines(folder, line)
    (finding,) = lint(load(folder))
    assert finding.startswith("policies.yaml:3: pii: ")
    assert said in finding


@pytest.mark.parametrize(
    ("validator", "adjudicator", "said"),
    [
        ("privacy", "jude", "no backup"),
        ("privacy", "{from: jude, backup: jude}", "no backup"),
        ("[val, bea]", "{from: bea, backup: val}", "the same people"),
        ("privacy", "S0LEGAL", ""),
        ("privacy", "{from: jude, backup: S0LEGAL}", ""),
    ],
)
def test_lint_looks_for_somebody_else_in_the_roles(
    folder: Path, validator: str, adjudicator: str, said: str
) -> None:
    head = POLICIES.partition("    roles:")[0]
    roles = f"    roles: {{validator: {validator}, adjudicator: {adjudicator}}}\n"
    (folder / "policies.yaml").write_text(head + roles)
    findings = lint(load(folder))
    assert (len(findings), said in "".join(findings)) == (1 if said else 0, True)


def test_a_policy_is_kept_for_as_long_as_its_class_or_as_all_high_ones(folder: Path) -> None:
    def kept(risk_class: str, defaults: str) -> dict[str, timedelta]:
        text = POLICIES.replace("{window: 4h}", defaults)
        text = text.replace("severity: high", f"risk_class: {risk_class}")
        (folder / "policies.yaml").write_text(text)
        return load(folder).kept_for

    periods = "{high_risk: [regulated], retention: {high: 183d, limited: 1d}}"
    assert kept("regulated", periods) == {"pii": timedelta(days=183)}
    assert kept("limited", periods) == {"pii": timedelta(days=1)}
    assert kept("minimal", periods) == {}
    assert kept("regulated", "{high_risk: [regulated]}") == {}
