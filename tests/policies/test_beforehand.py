"""What a policy decides beforehand, as it is written: each mistake is told in its own place."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.policy import Policy, Role, ScopeKind
from bot.policies.load import load
from bot.yaml.problems import ConfigError
from tests.policies.conftest import POLICIES

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
# Lines 10 and on of the file.
WHOLE = """\
    facts: {to: string, confidence: double}
    when: facts.?to.orValue("") != ""
    never_clear: [facts.?to.orValue("") == "abroad", "team == 'secret'"]
    auto_clear:
      - id: inside
        when: source == "ci" && facts.?to.orValue("") == "inside"
        reason: It stays here.
        owner: jude
        until: 2027-06-30
        review_sample: 2.5%
    bands:
      - {id: sure, when: facts.?confidence.orValue(0.0) > 0.9, then: allow, reason: It is.}
      - id: low
        when: >-
          facts.?confidence.orValue(0.0)
          < 0.5
        decide: [adjudicator]
        ladder: [{at: 50%, do: remind}]
      - {id: rest, decide: validator, severity: low, window: 8h}
    scopes: [run, version, {id: abroad, when: 'facts.?to.orValue("") == "abroad"', words: abroad}]
    varying: [seed]
    holds: 3d
    risk_class: high
"""


def loaded(folder: Path, text: str = WHOLE) -> Policy:
    (folder / "policies.yaml").write_text(POLICIES + text)
    return load(folder, now=NOW).policies["pii"]


def refused(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as error:
        loaded(folder, text)
    return str(error.value)


def test_all_of_it_is_read(folder: Path) -> None:
    policy = loaded(folder)
    assert (policy.when and policy.when.line, policy.when and policy.when.column) == (11, 11)
    assert [each.text for each in policy.never_clear] == [
        'facts.?to.orValue("") == "abroad"',
        "team == 'secret'",
    ]
    (rule,) = policy.auto_clear
    assert (rule.until, rule.review_sample) == (datetime(2027, 7, 1, tzinfo=UTC), 0.025)
    assert (rule.line, rule.when.line, rule.when.column) == (14, 15, 15)
    sure, low, rest = policy.bands
    assert (sure.allow, low.allow, rest.decide) == (True, False, (Role.VALIDATOR,))
    assert (low.when and (low.when.line, low.when.column), low.ladder and len(low.ladder)) == (
        (24, 11),
        1,
    )
    assert [each.kind for each in policy.scopes] == [
        ScopeKind.RUN,
        ScopeKind.VERSION,
        ScopeKind.CONDITION,
    ]
    assert (policy.holds, policy.varying, policy.risk_class) == (
        timedelta(days=3),
        ("seed",),
        "high",
    )


def test_what_is_decided_beforehand_is_in_the_digest_and_its_place_is_not(folder: Path) -> None:
    digest = loaded(folder).digest
    moved = loaded(folder, f"# a comment\n\n{WHOLE}")
    assert moved.digest == digest
    assert moved.auto_clear[0].line == 16
    assert loaded(folder, WHOLE.replace("0.9", "0.8")).digest != digest
    assert loaded(folder, "").digest != digest


@pytest.mark.parametrize(
    ("found", "instead", "place", "said"),
    [
        ('when: facts.?to.orValue("") != ""', "when: facts.?to = 1", "11:21", "need =="),
        ('"abroad", "team', '"abroad", "taem', "12:55", "did you mean 'team'?"),
        ('source == "ci" &&', 'source = "ci" &&', "15:22", "need =="),
        ('source == "ci" &&', "souce == 'ci' &&", "15:15", "did you mean 'source'?"),
        ("orValue(0.0) > 0.9", "orValue(0.0) > 'x'", "21:57", "found"),
        ("          < 0.5", "          < 'x'", "25:11", "found"),
        ("when: 'facts.?to", "when: 'fact.?to", "29:48", "did you mean 'facts'?"),
        ("owner: jude", "owner: jud", "17:16", "did you mean 'jude'?"),
        ("until: 2027-06-30", "until: 2027-11-21", "18:16", "found 2027-11-21, need 2027-11-20 at"),
        ("until: 2027-06-30", "until: 9999-12-31", "18:16", "found '9999-12-31', need a day such"),
        ("until: 2027-06-30", "until: tomorrow", "18:16", "need a day such as"),
        ("until: 2027-06-30", "until: 2027-06-30T12:00:00", "18:16", "without a time zone"),
        ("        until: 2027-06-30\n", "", "14:9", "found no 'until', need one here"),
        ("        owner: jude\n", "", "14:9", "found no 'owner', need one here"),
        ("        reason: It stays here.\n", "", "14:9", "found no 'reason', need one here"),
        ("review_sample: 2.5%", "review_sample: 120%", "19:24", "need a share from 0% to 100%"),
        ("- id: inside", "- id: Inside!", "14:13", "need at most 60 of a-z"),
        ("- id: low", "- id: inside", "22:13", "found 'inside' a second time"),
        ("then: allow, reason: It is.", "then: allow", "21:9", "without a reason"),
        ("then: allow", "then: block", "21:70", "need allow, or no `then`"),
        ("decide: [adjudicator]", "decide: [initiator]", "22:9", "need validator, adjudicator or"),
        ("decide: [adjudicator]", "decide: [judge]", "26:18", "found 'judge'"),
        ("then: allow, reason: It is.", "reason: It is.", "21:9", "beside no `then: allow`"),
        ("reason: It is.}", "reason: It is., window: 2h}", "21:9", "nobody decides then"),
        ("scopes: [run,", "scopes: [rnu,", "29:14", "need run, commit, version, environment"),
        ("{to: string,", "{to: text,", "10:17", "did you mean"),
        ("holds: 3d", "holds: 3 moons", "31:12", "need"),
        ("varying: [seed]", "varying: [to]", "30:14", "'to', which never_clear reads"),
        ("varying: [seed]", "vary: [seed]", "30:5", "did you mean 'varying'?"),
        ("risk_class: high", "risk_class: High Risk", "32:17", "need a word"),
    ],
)
def test_a_mistake_is_told_in_its_place(
    folder: Path, found: str, instead: str, place: str, said: str
) -> None:
    assert found in WHOLE
    whole = refused(folder, WHOLE.replace(found, instead, 1))
    line = next((line for line in whole.splitlines() if said in line), whole)
    assert line.startswith(f"policies.yaml:{place}: "), whole


def test_all_mistakes_are_told_at_once_with_a_caret_each(folder: Path) -> None:
    text = WHOLE.replace("owner: jude", "owner: jud").replace("taem", "team")
    whole = refused(folder, text.replace('source == "ci"', 'source = "ci"'))
    assert [line.split(": ")[0] for line in whole.splitlines() if "policies.yaml" in line] == [
        "policies.yaml:15:22",
        "policies.yaml:17:16",
    ]
    assert whole.count("^") == 2


def test_a_part_of_the_wrong_shape_hides_no_mistake_in_another(folder: Path) -> None:
    """Of the same rule, of another list, of the policy and of the file."""
    mistakes = {
        "        reason: It stays here.\n": "",
        'source == "ci"': 'source = "ci"',
        "owner: jude": "owner: jud",
        "2027-06-30": "2028-06-30",
        "ladder: [{at: 50%, do: remind}]": "ladder: soon",
        "          < 0.5": "          < 'x'",
        "- {id: rest": "- {id: low",
        "varying: [seed]": "varying: to",
        "holds: 3d": "holdz: 3d",
        "risk_class: high\n": "risk_class: high\nsomething: else\n",
    }
    text = WHOLE
    for found, instead in mistakes.items():
        assert found in text
        text = text.replace(found, instead)
    whole = refused(folder, text)
    assert [line.split(": ")[0] for line in whole.splitlines() if "policies.yaml:" in line] == [
        "policies.yaml:14:9",
        "policies.yaml:15:22",
        "policies.yaml:16:16",
        "policies.yaml:17:16",
        "policies.yaml:24:11",
        "policies.yaml:26:17",
        "policies.yaml:27:14",
        "policies.yaml:29:14",
        "policies.yaml:30:5",
        "policies.yaml:32:1",
    ], whole


def test_a_scope_by_a_condition_may_stand_under_the_defaults(folder: Path) -> None:
    """For each policy without scopes of its own; a mistake is told once, in its place."""
    shared = """\
defaults:
  scopes:
    - {id: shared, when: 'facts.?to.orValue("") == "us"', words: ours}
"""
    file = folder / "policies.yaml"
    policies = POLICIES.removeprefix("defaults: {window: 4h}\n")
    file.write_text(shared + policies)
    (scope,) = load(folder, now=NOW).policies["pii"].scopes
    assert scope.when
    assert (scope.name, scope.when.line, scope.when.column) == ("shared", 3, 27)
    another = policies.removeprefix("policies:\n").replace("id: pii", "id: another")
    file.write_text(shared.replace("facts", "fact") + policies + another)
    with pytest.raises(ConfigError) as error:
        load(folder, now=NOW)
    assert [str(each.place) for each in error.value.problems] == ["policies.yaml:3:27"]
