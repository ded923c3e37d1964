"""Governance debt: what counts, and what it weighs."""

from datetime import timedelta
from typing import Any

from bot.measures.debt import Kind, Liability, debt
from bot.measures.debt_report import debt_slack_text, debt_text

from .build import NOW


def liability(days: float = 2, **given: object) -> Liability:
    fields: dict[str, Any] = {
        "kind": Kind.OPEN,
        "room": "1",
        "team": "search",
        "policy": "pii",
        "severity": "high",
        "since": NOW - timedelta(days=days),
        "until": None,
        "title": "ranker",
    }
    return Liability(**(fields | given))


def test_weight_is_severity_weight_times_age_in_days() -> None:
    weights = {"low": 2, "medium": 4, "high": 8, "critical": 16}
    for severity, weight in weights.items():
        [owed] = debt([liability(2, severity=severity)], NOW).liabilities
        assert (owed.age_days, owed.weight) == (2, weight)


def test_an_exception_without_an_end_stays_debt() -> None:
    assert debt([liability(kind=Kind.EXCEPTION)], NOW).exceptions == 1


def test_an_open_room_past_its_window_is_debt() -> None:
    assert debt([liability(until=NOW - timedelta(days=1))], NOW).open == 1


def test_teams_are_totalled_and_the_heaviest_comes_first() -> None:
    result = debt(
        [
            liability(1, room="1", team="ads"),
            liability(3, room="2"),
            liability(5, room="3", kind=Kind.EXCEPTION, severity="low", until=NOW + timedelta(1)),
            liability(1, room="4", team=None, severity="critical"),
        ],
        NOW,
    )
    assert [each.room for each in result.liabilities] == ["2", "4", "3", "1"]
    assert list(result.by_team) == ["search", "(none)", "ads"]
    search = result.by_team["search"]
    assert (search.open, search.exceptions, search.weight, search.oldest_days) == (1, 1, 17, 5)
    assert (result.open, result.exceptions, result.weight) == (3, 1, 29)


def test_what_begins_later_has_no_age_yet() -> None:
    assert liability(-1).weight(NOW) == 0


def test_no_liabilities_are_no_debt() -> None:
    result = debt([], NOW)
    assert (result.weight, result.oldest_days, result.by_team) == (0, None, {})


def test_a_severity_that_is_not_known_weighs_as_much_as_the_gravest() -> None:
    odd, critical = debt(
        [liability(severity="odd"), liability(severity="critical")], NOW
    ).liabilities
    assert odd.weight == critical.weight
    assert {odd.severity, critical.severity} == {"odd", "critical"}


def test_risk_classes_are_totalled_and_stand_in_text_where_there_are_any() -> None:
    owed = [liability(1), liability(2, policy="drift"), liability(3)]
    result = debt(owed, NOW, {"pii": "regulated"})
    assert {name: total.open for name, total in result.by_risk_class.items()} == {
        "regulated": 2,
        "(none)": 1,
    }
    assert list(result.by_risk_class) == ["regulated", "(none)"]
    assert "Weight by risk class: regulated 16.0, (none) 8.0" in debt_slack_text(result)
    assert "risk class  open" in debt_text(result)
    without = debt(owed, NOW)
    assert "risk class" not in debt_text(without) + debt_slack_text(without)


def test_json_has_the_agreed_shape() -> None:
    result = debt([liability()], NOW).model_dump(mode="json")
    assert set(result) == {
        "at", "formula", "open", "exceptions", "follow_ups", "weight", "oldest_days", "by_team",
        "by_risk_class", "liabilities", "ended",
    }  # fmt: skip
    assert set(result["by_team"]["search"]) == {
        "open", "exceptions", "follow_ups", "weight", "oldest_days",
    }  # fmt: skip
    assert set(result["liabilities"][0]) == {
        "kind", "room", "team", "policy", "severity", "title", "since", "until", "age_days",
        "weight", "follow_up", "risk_class",
    }  # fmt: skip


def test_a_follow_up_is_debt_until_it_is_closed_overdue_or_not() -> None:
    owed = liability(kind=Kind.FOLLOW_UP, room=None, follow_up="f1", until=NOW - timedelta(days=1))
    result = debt([owed, liability(1)], NOW)
    assert (result.open, result.follow_ups, result.weight) == (1, 1, 12)
    assert [(each.id, each.room) for each in result.liabilities] == [("f1", None), ("1", "1")]
    assert "follow_up" in debt_text(result)
    said = debt_slack_text(result)
    assert "1 open room, 0 active exceptions, 1 follow-up" in said
    assert "a follow-up, owed for 2 days, until" in said


def test_an_exception_that_ended_is_no_debt_and_is_shown_as_ended_for_a_week() -> None:
    known = [liability(room="still", kind=Kind.EXCEPTION, until=NOW + timedelta(hours=1))]
    for room, days in {"just": 0, "days": 6, "long": 7}.items():
        known.append(liability(room=room, kind=Kind.ENDED, until=NOW - timedelta(days=days)))
    result = debt(known, NOW)
    assert [one.room for one in result.liabilities] == ["still"]
    assert [(one.room, one.kind, one.weight) for one in result.ended] == [
        ("just", Kind.ENDED, 0),
        ("days", Kind.ENDED, 0),
    ]
    assert (result.exceptions, result.by_team["search"].exceptions) == (1, 1)
