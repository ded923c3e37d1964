"""What a source reports is mapped by patterns: which one takes a name, what lint says of them."""

import time
from itertools import permutations
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.main import command_line
from bot.integrations.registry import with_built_in
from bot.policies.lint import lint
from bot.policies.load import load
from bot.policies.patterns import most_specific, nearest
from tests.policies.conftest import POLICIES, Refuse

LEG = "Guardrails (3.11, ubuntu-latest)"
TWO = POLICIES + POLICIES.partition("policies:\n")[2].replace("id: pii", "id: export")


@pytest.mark.parametrize(
    ("pattern", "taken", "not_taken"),
    [
        ("Guardrails", ["Guardrails", LEG, "GUARDRAILS"], ["Guardrails 2", "Guardrails(3)", ""]),
        ("Guardrails", ["Guardrails (3.11, a-very-long-operating-sys..."], ["Guardrails (3"]),
        (
            "Guardrails",
            [" Guardrails ", "Guardrails\t", f"{LEG}\N{NO-BREAK SPACE}"],
            ["G uardrails"],
        ),
        ("* / Guardrails", [" / Guardrails"], []),
        ("Guardrails*", ["Guardrails", LEG, "guardrails-nightly"], ["My Guardrails"]),
        (
            "* / Guardrails",
            ["ci / Guardrails", "a / b / Guardrails"],
            ["Guardrails", "ci/Guardrails"],
        ),
        ("* / Guardrails", ["ci / Guardrails (3.11)", "ci (3.11) / Guardrails"], []),
        ("*Guard*rails*", ["Guardrails", "my Guard and rails too"], ["rails Guard"]),
        ("ab*ba", ["abba", "ab ba"], ["aba"]),
        ("*", ["", "anything"], []),
        ("Cafe\N{COMBINING ACUTE ACCENT}", ["Caf\N{LATIN SMALL LETTER E WITH ACUTE}"], ["Cafe"]),
        ("Guardrails [x86]", ["Guardrails [x86]"], ["Guardrails x"]),
    ],
)
def test_a_pattern_takes_names_whole(pattern: str, taken: list[str], not_taken: list[str]) -> None:
    for name in taken:
        assert most_specific([pattern], name) == pattern, name
    for name in not_taken:
        assert most_specific([pattern], name) is None, name


@pytest.mark.parametrize(
    ("name", "patterns"),
    [
        ("Guardrails", ["Guardrails", "Guardrails*", "Guard*", "*"]),
        (LEG, [LEG, "Guardrails (3.11*", "Guardrails*", "Guard*"]),
        (LEG, ["Guardrails (*", "Guardrails"]),
        ("guardrails", ["Guardrails", "guardrail*"]),
        ("Guardrails", ["Guardrails", "guardrails", "GUARDRAILS*"]),
        ("Guardrails", ["Guard*", "*Guard*"]),
        ("Guardrails x", ["Guardrails *", "guardrails *"]),
    ],
)
def test_of_several_the_most_specific_counts_whatever_their_order(
    name: str, patterns: list[str]
) -> None:
    for order in permutations(patterns):
        assert most_specific(order, name) == patterns[0]


def test_of_two_that_are_as_specific_the_one_that_stands_first_counts() -> None:
    assert most_specific(["Guard*", "*rails"], "Guardrails") == "Guard*"
    assert most_specific(["rails*", "*rails", "*"], "rails") == "rails*"
    assert most_specific(["*rails", "rails*", "*"], "rails") == "*rails"


@given(name=st.text(), patterns=st.lists(st.text(alphabet="ab* ()", min_size=1)))
def test_whatever_the_names_one_of_the_patterns_counts_or_none(
    name: str, patterns: list[str]
) -> None:
    counted = most_specific(patterns, name)
    assert counted is None or counted in patterns
    for pattern in patterns:
        if "*" not in pattern:
            assert most_specific([pattern], pattern) == pattern


def test_a_pattern_and_a_name_made_to_be_slow_are_quick() -> None:
    began = time.monotonic()
    assert most_specific(["a*" * 50 + "b"], "a" * 20_000) is None
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("Guardrials", "Guardrails"),
        ("Guardrails checks", "Guardrails"),
        ("guard-rails (3.11)", "Guardrails"),
        ("Drift-monitor", "Drift monitor*"),
        ("Unit tests", None),
        ("", None),
    ],
)
def test_a_name_that_none_takes_is_near_to_what_was_probably_meant(
    name: str, pattern: str | None
) -> None:
    assert nearest(["Guardrails", "Drift monitor*"], name) == pattern


def _sources(folder: Path, mapping: str) -> None:
    (folder / "policies.yaml").write_text(TWO)
    (folder / "sources.yaml").write_text(f"github:\n  secret_env: S\n  policies: {mapping}\n")


@pytest.mark.parametrize(
    ("mapping", "place", "said"),
    [
        ('{" Guardrails": pii}', "sources.yaml:3:14", "blanks at an end of ' Guardrails'"),
        ('{"Guardrails\\t": pii}', "sources.yaml:3:14", "blanks at an end"),
        ('{"Guard\\nrails": pii}', "sources.yaml:3:14", "a control character"),
    ],
)
def test_a_pattern_that_can_take_no_name_is_refused(
    folder: Path, refused: Refuse, mapping: str, place: str, said: str
) -> None:
    _sources(folder, mapping)
    told = refused()
    assert place in told
    assert said in told


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ("{'Guardrails?': pii}", "sources.yaml:3:14: 'Guardrails?': '?' stands for itself"),
        ("{'Guardrails [0-9]': pii}", "'[0-9]' stands for itself"),
        ("{'Guardrails {a,b}': pii}", "'{a,b}' stands for itself"),
        ("{Guardrails.*: pii}", "'.*' stands for itself"),
        ("{^Guardrails: pii}", "'^' stands for itself"),
        ("{Guardrails$: pii}", "'$' stands for itself"),
        ("{/guard/i: pii}", "'/guard/i' stands for itself"),
        ("{(Guard|Rails): pii}", "'(Guard|Rails)' stands for itself"),
        (r"{Guardrails\.: pii}", r"'\\' stands for itself"),
        ("{G*: pii, G**: export}", "'G**': never counts: 'G*' above takes the same names"),
        ("{G*: pii, g*: export}", "'G*' and 'g*' are the same but for case"),
    ],
)
def test_lint_says_what_a_mapping_seldom_means(folder: Path, mapping: str, said: str) -> None:
    _sources(folder, mapping)
    shown = CliRunner().invoke(command_line(), ["policy", "lint", str(folder)])
    assert shown.exit_code == 1
    assert said in shown.output


def test_lint_has_nothing_against_names_that_there_are(folder: Path) -> None:
    names = (
        "Guardrails*",
        "* / Guardrails",
        LEG,
        "Lint | Types",
        "Build [linux]",
        "Is it C++",
        "v1.0",
    )
    _sources(
        folder, "{" + ", ".join(f"'{name}': pii" for name in names) + ", a: export, A: export}"
    )
    lines = lint(load(folder, with_built_in().sections))
    assert [line for line in lines if "sources.yaml" in line] == []


def test_what_lint_says_of_a_file_is_no_part_of_what_is_kept_of_it(folder: Path) -> None:
    """The digest of the sources is over what they mean."""
    _sources(folder, "{G*: pii, G**: export}")
    document = load(folder, with_built_in().sections).sources_document
    assert "never counts" not in document
