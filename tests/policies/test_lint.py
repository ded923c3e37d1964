"""What lint says of conditions, rules and bands that load, and are seldom meant."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli.main import main
from bot.policies.lint import lint
from bot.policies.load import load

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
HEAD = """\
policies:
  - id: p
    title: A policy
    description: A rule.
    roles: {validator: [val, bea], adjudicator: {from: jude, backup: bea}}
    facts: {to: string, c: double}
"""
CLEARS = "reason: R, owner: jude"


def rule(name: str, when: str, until: str = "2027-06-30") -> str:
    return f"  - {{id: {name}, when: '{when}', {CLEARS}, until: {until}}}"


def linted(folder: Path, *lines: str, defaults: str = "{}") -> list[str]:
    text = HEAD + "".join(f"    {line}\n" for line in lines)
    (folder / "policies.yaml").write_text(f"defaults: {defaults}\n{text}")
    return lint(load(folder, now=NOW), NOW)


SIGNED = 'source == "ci"'
BANDS = "bands:"
LOW = "  - {id: low}"


def test_an_owner_who_may_be_any_stranger_is_told_once(folder: Path) -> None:
    """Where nobody has an account of a system, nobody lacks it."""
    rules = ["auto_clear:", rule("r", SIGNED), rule("s", f'{SIGNED} && team == "x"')]
    people = (folder / "people.yaml").read_text()
    said = "clears nothing of whoever is known by github alone"
    assert not any("is known by" in line for line in linted(folder, *rules))
    (folder / "people.yaml").write_text(people.replace(", github: jude", ""))
    (line,) = (line for line in linted(folder, *rules) if "is known by" in line)
    assert line.startswith("policies.yaml:9: p: rule r ")
    assert said in line
    assert line.endswith("need `github: …` at jude in people.yaml")
    (folder / "people.yaml").write_text(re.sub(r", +github: \w+", "", people))
    assert not any("is known by" in line for line in linted(folder, *rules))


@pytest.mark.parametrize(
    ("lines", "places", "said"),
    [
        (['when: facts.to == "x"'], ["8:11"], "facts.to may be missing"),
        (
            ["when: facts.d.e == 1 || facts.d.e == 2"],
            ["8:11"],
            "then this is not known: need facts.?d.e.orValue(…)",
        ),
        (
            ["auto_clear:", rule("r", f'{SIGNED} && facts.?pii.orValue("") == "no"')],
            ["9:24"],
            "facts.pii, which may be of any type: need it under `facts`",
        ),
        (
            ["auto_clear:", rule("r", f"{SIGNED} && size(facts) == 0")],
            ["9:24"],
            "reads the facts as a whole",
        ),
        (
            ["auto_clear:", rule("r", 'facts.?to.orValue("") == "x"')],
            ["9:24"],
            'doesn\'t ask who signed them: need a part such as source == "…"',
        ),
        (
            ["auto_clear:", rule("r", SIGNED, until="2026-12-01")],
            ["9"],
            "rule r ends before long (2026-12-02 00:00 UTC)",
        ),
        (
            ["auto_clear:", rule("r", SIGNED, until="2026-11-19")],
            ["9"],
            "rule r has ended (2026-11-20 00:00 UTC): it clears nothing",
        ),
        (
            [
                "auto_clear:",
                rule("a", SIGNED),
                rule("b", f'team == "x"  &&  {SIGNED}'),
                rule("c", SIGNED),
            ],
            ["10:24", "10:24", "11:24"],
            "takes nothing that rule a (line 9) doesn't",
        ),
        (
            ["auto_clear:", rule("a", "true"), rule("b", SIGNED)],
            ["10:24"],
            "rule b takes nothing that rule a",
        ),
        (
            [
                'never_clear: team == "x"',
                "auto_clear:",
                rule("a", f'{SIGNED} && team == "x"'),
            ],
            ["10:24"],
            "rule a never clears: never_clear (policies.yaml:8:18) forbids all it takes",
        ),
        (
            [
                'never_clear: team == "x"',
                BANDS,
                "  - {id: a, when: 'team == \"x\"', then: allow, reason: R}",
                LOW,
            ],
            ["10:24"],
            "band a never clears",
        ),
        ([BANDS, LOW, "  - {id: b}"], ["10"], "band b can never be reached: band low"),
        (
            [BANDS, f"  - {{id: a, when: '{SIGNED}'}}"],
            ["9:24"],
            "the last band has a condition",
        ),
        (
            [BANDS, "  - {id: a, decide: validator}", LOW],
            ["10"],
            "band low can never be reached: band a (line 9) takes all of it",
        ),
        (
            [
                BANDS,
                "  - {id: a, when: 'facts.?c.orValue(0.0) >= 0.6'}",
                "  - {id: b, when: '0.9 <= facts.?c.orValue(0.0)'}",
                LOW,
            ],
            ["10:24"],
            "band b can never be reached: those before it take all of it",
        ),
        (
            [
                BANDS,
                "  - {id: a, when: 'facts.?c.orValue(0.0) >= 0.6'}",
                "  - {id: b, when: 'facts.?c.orValue(0.0) > 0.1 && facts.?c.orValue(0.0) < 0.5'}",
            ],
            ["10:24"],
            "no band takes facts.c up to 0.1 and from 0.5 to below 0.6",
        ),
        (
            [
                BANDS,
                "  - {id: a, when: 'facts.?c.orValue(0.0) > 0.1 && facts.?c.orValue(0.0) < 0.5'}",
                "  - {id: b, when: 'facts.?c.orValue(0.0) > 0.4 && facts.?c.orValue(0.0) < 0.9'}",
                LOW,
            ],
            ["10:24"],
            "band b overlaps band a (line 9): above 0.4 to below 0.5",
        ),
        (
            [
                BANDS,
                "  - {id: a, when: 'facts.?c.orValue(0.0) > 0.5 && facts.?c.orValue(0.0) < 0.5'}",
                LOW,
            ],
            ["9:24"],
            "band a takes nothing: no facts.c is above 0.5 to below 0.5",
        ),
        (
            ["unknown_initiator: adjudicator", BANDS, "  - {id: a, decide: validator}"],
            ["10"],
            "nobody could allow what somebody unknown made",
        ),
    ],
)
def test_each_finding_has_its_place(
    folder: Path, lines: list[str], places: list[str], said: str
) -> None:
    findings = linted(folder, *lines)
    assert [each.partition(": p: ")[0] for each in findings] == [
        f"policies.yaml:{place}" for place in places
    ], findings
    assert all(said in each for each in findings[:1]), findings


@pytest.mark.parametrize(
    "lines",
    [
        # Ordered bands overlap on purpose.
        [
            BANDS,
            "  - {id: a, when: 'facts.?c.orValue(0.0) >= 0.9', then: allow, reason: R}",
            "  - {id: b, when: 'facts.?c.orValue(0.0) >= 0.6'}",
            LOW,
        ],
        # Behind a band that allows, people are asked while nothing may clear.
        [
            BANDS,
            "  - {id: a, when: 'facts.?c.orValue(0.0) >= 0.9', then: allow, reason: R}",
            "  - {id: b, when: 'facts.?c.orValue(0.0) >= 0.9', decide: validator}",
            LOW,
        ],
        # All numbers are taken, and what is missing asks people.
        [
            BANDS,
            "  - {id: a, when: 'facts.?c.orValue(0.0) >= 0.5'}",
            "  - {id: b, when: 'facts.?c.orValue(0.0) < 0.5'}",
        ],
        # Who signed is asked by what never clears.
        [
            'never_clear: source != "ci"',
            "auto_clear:",
            rule("r", 'facts.?to.orValue("") == "x"'),
        ],
        # Of `||` only the whole is compared.
        ["auto_clear:", rule("a", f'{SIGNED} || team == "x"'), rule("b", SIGNED)],
        # What is asked for isn't bare.
        ['when: has(facts.to) && facts.to == "x"'],
    ],
)
def test_what_may_well_be_meant_is_no_finding(folder: Path, lines: list[str]) -> None:
    assert linted(folder, *lines) == []


def test_a_band_that_asks_one_person_alone_leaves_nobody_for_their_own(folder: Path) -> None:
    text = HEAD.replace("validator: [val, bea]", "validator: val")
    band = "    bands: [{id: a, decide: validator}]\n"
    (folder / "policies.yaml").write_text(text + band)
    (finding,) = lint(load(folder, now=NOW), NOW)
    assert finding.startswith("policies.yaml:7: p: band a asks the validator alone")
    assert "nobody could decide on a change of val's" in finding


def test_a_rule_that_clears_what_another_policy_forbids_is_told_with_both_places(
    folder: Path,
) -> None:
    first = ['when: facts.?to.orValue("") == "x"', "auto_clear:", rule("r", SIGNED)]
    second = HEAD.partition("\n")[2].replace("id: p", "id: q")
    second += '    never_clear: [team == "a", source == "ci"]\n'
    (finding,) = linted(folder, *first, "\n" + second.rstrip())
    assert finding.startswith("policies.yaml:10:24: p: rule r clears what never_clear of q (")
    assert "policies.yaml:17:32) forbids" in finding


SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_a_source_that_no_secret_is_called_is_told_where_the_environment_names_its_secrets(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = (
        'when: \'"ci" == source || source != "violations" || team == "c1"\'',
        "auto_clear:",
        rule("a", 'source == "exprot-ci" && team == "x"'),
        rule("b", 'source in ["ci", "github", "nobody"] && team == "y"'),
    )
    linted(folder, *lines)

    def run(secrets: str) -> list[str]:
        monkeypatch.setenv("WARROOM_WEBHOOK_SECRET", secrets)
        done = CliRunner().invoke(main, ["policy", "lint", "--config", str(folder)])
        return done.output.splitlines()

    told = run(f"export-ci={SECRET} ci={SECRET}")
    never = "with the secrets that are set here"
    known = "need one of: ci, export-ci, gate, github, slack, violations"
    assert told == [
        f"policies.yaml:10:24: p: source is never 'exprot-ci' {never}: did you mean 'export-ci'?",
        f"policies.yaml:11:24: p: source is never 'nobody' {never}: {known}",
        "1 policy, 2 findings.",
    ]
    assert run("") == run(SECRET) == ["1 policy, 0 findings."]


def test_the_folder_is_given_once(folder: Path) -> None:
    done = CliRunner().invoke(main, ["policy", "lint", "--config", str(folder), str(folder)])
    assert (done.exit_code, "need one of both" in done.output) == (2, True)


def test_a_high_class_that_no_policy_has_is_told(folder: Path) -> None:
    found = linted(folder, "risk_class: hgh", defaults="{high_risk: [high]}")
    assert found == ["policies.yaml: high_risk: no policy has the risk class 'high'"]
    assert linted(folder, "risk_class: high", defaults="{high_risk: [high]}") == []


def test_a_period_for_what_no_policy_has_is_told(folder: Path) -> None:
    found = linted(folder, "risk_class: limited", defaults="{retention: {limted: 365d}}")
    assert found == ["policies.yaml: retention: no policy has the risk class 'limted'"]
    kept = "{high_risk: [regulated], retention: {high: 730d}}"
    assert linted(folder, "risk_class: regulated", defaults=kept) == []


def test_as_json_errors_stand_apart_from_warnings_and_both_end_with_one(folder: Path) -> None:
    def run() -> tuple[int, dict[str, list[dict[str, str]]]]:
        done = CliRunner().invoke(main, ["policy", "lint", "--json", str(folder)])
        return done.exit_code, json.loads(done.stdout)

    assert run() == (0, {"errors": [], "warnings": []})
    linted(folder, 'when: facts.to == "x"')
    code, told = run()
    (warning,) = told["warnings"]
    assert (code, told["errors"], warning["place"]) == (1, [], "policies.yaml:8:11")
    assert warning["message"].startswith("p: facts.to may be missing")
    text = (folder / "policies.yaml").read_text()
    (folder / "policies.yaml").write_text(
        text.replace("==", "=").replace("description", "desciption")
    )
    code, told = run()
    assert (code, told["warnings"]) == (1, [])
    said = "found the unknown key 'desciption', did you mean 'description'?"
    assert {"place": "policies.yaml:5:5", "message": said} in told["errors"]
