"""The figures and the debt in words."""

import math
from datetime import timedelta

import pytest

from bot.domain.answers import AnswerKind
from bot.integrations.slack.show.markup import elements, mrkdwn
from bot.measures.baseline import read
from bot.measures.cleared import Beforehand
from bot.measures.debt import Kind, debt
from bot.measures.debt_report import debt_slack_text, debt_text
from bot.measures.figures import Figures, figures
from bot.measures.formatting import duration, interval, median, percent, ratio
from bot.measures.report import slack_text, table
from bot.measures.survival import Median

from .build import NOW, case
from .test_debt import liability

NOTHING = Median(None, None, None, None)


def reached(value: float) -> Median:
    return Median(value, None, None, None)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.2, "under 1 s"),
        (40, "40 s"),
        (270, "4 min 30 s"),
        (300, "5 min"),
        (2820, "47 min"),
        (3599, "1 h"),
        (7500, "2 h 05 min"),
        (14400, "4 h"),
        (86399, "1 day"),
        (276480, "3.2 days"),
        (604800, "7 days"),
    ],
)
def test_a_duration_is_in_the_units_people_use(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(14399, "3 h 59 min"), (86399, "23 h 59 min"), (276479, "3.1 days")]
)
def test_a_lower_bound_is_rounded_down(seconds: float, words: str) -> None:
    assert duration(seconds, math.floor) == words
    told = median(Median(None, None, None, seconds), "seconds")
    assert told == f"not reached yet (will be at least {words})"


def test_a_median_not_reached_is_not_a_number() -> None:
    assert median(NOTHING, "seconds") == "not known"
    assert median(Median(None, None, None, 0), "seconds") == "not reached"
    assert median(Median(None, 13, None, 13), "weeks") == "not reached yet (will be at least 13)"


def test_an_interval_names_the_bound_that_is_not_reached() -> None:
    assert interval(Median(23, 13, None, None), "weeks") == "13 to not reached"
    assert interval(Median(60, 60, 120, None), "seconds") == "1 min to 2 min"
    assert interval(reached(5), "seconds") == "not reached"
    assert interval(NOTHING, "seconds") == ""


@pytest.mark.parametrize(
    ("current", "baseline", "words"),
    [
        (100, 6800, "68\N{MULTIPLICATION SIGN} faster"),
        (100, 250, "2.5\N{MULTIPLICATION SIGN} faster"),
        (200, 100, "2\N{MULTIPLICATION SIGN} slower"),
        (100, 101, "about the same"),
    ],
)
def test_a_ratio_says_faster_or_slower(current: float, baseline: float, words: str) -> None:
    assert ratio(reached(current), reached(baseline)) == words


def test_there_is_no_ratio_to_what_is_not_reached_or_zero() -> None:
    for other in (NOTHING, reached(0)):
        assert ratio(other, reached(5)) is None
        assert ratio(reached(5), other) is None


def test_a_share_is_all_or_nothing_only_if_it_is() -> None:
    words = [percent(share) for share in (0, 0.001, 0.5, 0.9999, 1, None)]
    assert words == ["0 %", "under 1 %", "50 %", "over 99 %", "100 %", "not known"]


def current() -> Figures:
    return figures([case(60, acknowledged=0), case(60), case(None, team="ads")])


def line(text: str, start: str) -> str:
    return next(each for each in text.splitlines() if each.startswith(start))


def test_table_has_the_ratio_beside_a_baseline_in_seconds() -> None:
    text = "detected_at,resolved_at\n2026-11-01T00:00Z,2026-11-03T20:00Z\n"
    result = table(current(), read(text, "old.csv", NOW).figures())
    assert line(result, "half-life").split("  ")[-1].strip() == "68\N{MULTIPLICATION SIGN} faster"
    assert "2.8 days" in line(result, "half-life")
    assert "not known" in line(result, "time to acknowledge")


def test_table_has_no_ratio_to_a_baseline_in_its_own_unit() -> None:
    result = table(current(), read("time,resolved\n68,1\n", "old.csv", NOW).figures())
    assert line(result, "half-life").split()[-1] == "68"
    assert "faster" not in result
    assert "in the unit of its file" in result


def test_table_without_a_baseline_has_the_current_figures_alone() -> None:
    result = table(current())
    assert line(result, "half-life").split("  ")[-1].strip() == "1 h"
    assert (
        line(result, "ads").split("  ")[-1].strip() == "not reached yet (will be at least 10 days)"
    )
    assert "baseline" not in result


def test_table_of_no_cases_is_still_a_table() -> None:
    assert line(table(figures([])), "half-life").split("  ")[-1].strip() == "not known"


def test_table_shows_the_baseline_of_a_group_that_both_have() -> None:
    text = "time,resolved,team\n68,1,search\n"
    result = table(current(), read(text, "old.csv", NOW).figures())
    assert line(result, "search").split() == ["search", "2", "0", "1", "h", "68"]
    assert line(result, "ads").endswith("10 days)")


def test_slack_text_leads_with_the_half_life() -> None:
    first, *rest = slack_text(current()).splitlines()
    assert first == "*Decision half-life: 1 h*"
    assert "3 violations: 2 resolved, 1 open" in rest
    assert "• pii: 1 h (3, 1 open)" in rest


def test_slack_text_compares_only_in_the_same_unit() -> None:
    text = "detected_at,resolved_at\n2026-11-01T00:00Z,2026-11-03T20:00Z\n"
    same = slack_text(current(), read(text, "old.csv", NOW).figures()).splitlines()[0]
    assert same.endswith("(68\N{MULTIPLICATION SIGN} faster; baseline: 2.8 days)")
    other = slack_text(current(), read("time,resolved\n68,1\n", "old.csv", NOW).figures())
    assert other.splitlines()[0].endswith("(baseline: 68, in the unit of its file)")
    none = slack_text(figures([case(None)]), read(text, "old.csv", NOW).figures())
    assert none.splitlines()[0].endswith("(will be at least 10 days)* (baseline: 2.8 days)")


CLEARED = (
    Beforehand("export", AnswerKind.RULE, "internal", 6),
    Beforehand("export", AnswerKind.RULE, "tiny <&", 2),
    Beforehand("export", AnswerKind.EXCEPTION, None, 1),
)


def test_what_was_cleared_stands_with_its_share_by_policy_and_rule() -> None:
    result = figures([case(60)], beforehand=CLEARED)
    text = table(result)
    assert "cleared beforehand: 80 % (8 of 10, 1 waived by an exception)" in text.splitlines()
    assert line(text, "export").split() == ["export", "9", "8", "89", "%"]
    assert line(text, "  tiny").split() == ["tiny", "<&", "2", "22", "%"]
    said = slack_text(result).splitlines()
    assert "Cleared beforehand: 80 % (8 of 10, 1 waived by an exception)" in said
    assert said[-1].startswith("• export: 89 % (8 of 9, 1 waived by an exception): internal 67 %, ")
    assert "<" not in said[-1]


def test_where_everything_was_cleared_it_is_not_said_that_nothing_happened() -> None:
    first, second, _ = slack_text(figures([], beforehand=CLEARED)).splitlines()
    assert first == "No violation has needed a decision so far."
    assert second.startswith("Cleared beforehand: 89 % (8 of 9")


def test_what_was_cleared_is_not_known_of_a_baseline() -> None:
    past = read("time,resolved\n68,1\n", "old.csv", NOW).figures()
    assert past.as_json()["cleared"] is None
    assert "beforehand" not in table(past)


def test_classes_of_risk_are_a_group_where_there_are_any() -> None:
    cases = [case(60), case(None, policy="drift")]
    result = figures(cases, classes={"pii": "regulated"})
    assert line(table(result), "regulated").split() == ["regulated", "1", "0", "1", "h"]
    said = slack_text(result)
    unreached = "(none) not reached yet (will be at least 10 days) (1)"
    assert f"By risk class: {unreached}, regulated 1 h (1)" in said
    assert "risk class" not in table(figures(cases)) + slack_text(figures(cases))


def test_slack_text_of_no_cases_says_so() -> None:
    assert slack_text(figures([])) == "No violations so far."


def test_slack_texts_stay_within_a_section_however_many_and_long_the_names() -> None:
    cases = [case(5, policy=f"{number}{'<&' * 80}") for number in range(50)]
    owed = [
        liability(room=str(n), team=f"{n}{'<&' * 80}", policy="<" * 99, title="&" * 99)
        for n in range(50)
    ]
    beforehand = [
        Beforehand(each.kind.policy, AnswerKind.RULE, f"{number}{'<&' * 40}", 1)
        for each in cases
        for number in range(9)
    ]
    figured = figures(
        cases, beforehand=beforehand, classes={each.kind.policy: each.kind.policy for each in cases}
    )
    owing = debt(owed, NOW, {"<" * 99: "&" * 60})
    figures_text, owed_text = slack_text(figured), debt_slack_text(owing)
    assert max(len(figures_text), len(owed_text)) < 3000
    assert "… and 42 more policies" in figures_text
    assert "… and 42 more teams" in owed_text
    assert "… and 45 more" in owed_text.splitlines()


def test_names_from_outside_can_neither_mention_nor_break_a_line() -> None:
    title = "<!channel> \x1b[31mred\nnext"
    result = debt([liability(title=title)], NOW)
    told = debt_slack_text(result)
    assert "&lt;!channel&gt; [31mred next" in mrkdwn(told)
    assert not [element for element in elements(told) if element["type"] != "text"]
    assert "<!channel> [31mred next" in debt_text(result)
    assert "\x1b" not in debt_text(result)


def test_debt_text_lists_teams_the_heaviest_and_the_formula() -> None:
    soon = NOW + timedelta(days=2)
    owed = [liability(30 / 24), liability(3, room="2", kind=Kind.EXCEPTION, until=soon)]
    result = debt_text(debt(owed, NOW))
    assert line(result, "search").split() == ["search", "1", "1", "0", "3", "days", "17.0"]
    assert line(result, "12.0").split()[:4] == ["12.0", "3", "days", "exception"]
    assert "weight = severity weight" in result
    slack = debt_slack_text(debt(owed, NOW)).splitlines()
    assert slack[0] == "*Governance debt: 1 open room, 1 active exception, weight 17.0*"
    assert "1. ranker (pii, high): excepted for 3 days, until 2026-11-22" in slack
    assert "2. ranker (pii, high): open for 1.2 days" in slack


def test_an_exception_without_an_end_says_so() -> None:
    assert "without an end" in debt_slack_text(debt([liability(kind=Kind.EXCEPTION)], NOW))


def test_no_debt_says_so() -> None:
    assert debt_text(debt([], NOW)) == debt_slack_text(debt([], NOW))


def test_what_ended_lately_stands_apart_from_the_debt() -> None:
    over = liability(kind=Kind.ENDED, until=NOW - timedelta(hours=1))
    for owed in ([over], [over, liability()]):
        text, slack = debt_text(debt(owed, NOW)), debt_slack_text(debt(owed, NOW))
        assert ("No governance debt" in text) is (len(owed) == 1)
        for shown in (text, slack):
            assert "ended in the last 7 days, and are blocked again:" in shown
            assert "2026-11-20 11:00 UTC" in shown.partition("blocked again")[2]
