"""Charts and tables of data: what a message shows as figures.

Rules
- A series has one point for each category of the axis, and no other.
- All rows of a table are equally long; the first is its head, and is no rich text.
- Of a pie no segment is nothing or less.
"""

from bot.local_slack.blockkit.objects import identifier
from bot.local_slack.blockkit.rich_text import RICH_TEXT
from bot.local_slack.blockkit.rules import (
    Problems,
    Rule,
    all_of,
    array,
    problem,
    record,
    string,
    unique,
    variant,
    whole,
)

MOST_CHARTS = 2
_ID = {"block_id": identifier}
_label, _title = string(20), string(50)
_words = string(2000)
_LEAST, _MOST_ROWS, _MOST_COLUMNS = 2, 101, 20
_FAR = 10**15
"""Beyond what anybody draws; Slack publishes no bound of its own."""


def _number(value: object, place: str, problems: Problems) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        problem(problems, "must be a number", place)
    elif not -_FAR <= value <= _FAR:  # which no NaN is
        problem(problems, f"must be between -{_FAR} and {_FAR}", place)


def _share(value: object, place: str, problems: Problems) -> None:
    _number(value, place, problems)
    if isinstance(value, int | float) and value <= 0:
        problem(problems, "must be more than 0", place)


def _names_once(value: object, place: str, problems: Problems) -> None:
    unique("name", value, place, problems)


def _points_of_the_axis(value: object, place: str, problems: Problems) -> None:
    """Looks at nothing that isn't well formed: that has been said already."""
    match value:
        case {"series": list(series), "axis_config": {"categories": list(categories)}}:
            for index, one in enumerate(series):
                data = one.get("data") if isinstance(one, dict) else None
                points = [p.get("label") for p in data or () if isinstance(p, dict)]
                if sorted(map(str, points)) != sorted(map(str, categories)):
                    what = "labels must match the categories of the axis"
                    problem(problems, what, f"{place}/series/{index}/data")


def _even(value: object, place: str, problems: Problems) -> None:
    lengths = (
        {len(row) for row in value if isinstance(row, list)} if isinstance(value, list) else ()
    )
    if len(lengths) > 1:
        problem(problems, "rows must be equally long", place)


def _head_of_plain_cells(value: object, place: str, problems: Problems) -> None:
    head = value[0] if isinstance(value, list) and value else None
    for index, cell in enumerate(head if isinstance(head, list) else ()):
        if isinstance(cell, dict) and cell.get("type") == "rich_text":
            problem(problems, "unsupported type: rich_text", f"{place}/0/{index}/type")


_series = record(
    {
        "name": _label,
        "data": array(record({"label": _label, "value": _number}), 20),
    }
)
_on_axes = all_of(
    record(
        {
            "series": all_of(array(_series, 6), _names_once),
            "axis_config": record(
                {"categories": array(_label, 20)}, {"x_label": _title, "y_label": _title}
            ),
        }
    ),
    _points_of_the_axis,
)
_CHARTS: dict[str, Rule] = {
    "pie": record({"segments": array(record({"label": _label, "value": _share}), 6)}),
    **dict.fromkeys(("bar", "line", "area"), _on_axes),
}
_CELLS: dict[str, Rule] = {
    "raw_text": record({"text": _words}),
    "raw_number": record({"value": _number, "text": _words}),
    "rich_text": RICH_TEXT,
}
FIGURES: dict[str, Rule] = {
    "data_visualization": record({"title": _title, "chart": variant(_CHARTS)}, _ID),
    "data_table": record(
        {
            "caption": _words,
            "rows": all_of(
                array(array(variant(_CELLS), _MOST_COLUMNS), _MOST_ROWS, _LEAST),
                _even,
                _head_of_plain_cells,
            ),
        },
        {**_ID, "page_size": whole(1, 100), "row_header_column_index": whole(0, 19)},
    ),
}


def few_charts(value: object, place: str, problems: Problems) -> None:
    """A rule: the blocks of a message hold no more charts than Slack shows."""
    blocks = value if isinstance(value, list) else []
    charts = [b for b in blocks if isinstance(b, dict) and b.get("type") == "data_visualization"]
    if len(charts) > MOST_CHARTS:
        problem(problems, f"no more than {MOST_CHARTS} charts allowed", place)
