"""Charts and tables of data: each limit at its edge, and named with its place when crossed."""

import pytest

from tests.build import ADA
from tests.local_slack.support import Json, Local, assert_refused_at, refusal

LONG, TOO_LONG = "x" * 20, "x" * 21


def chart(kind: str = "pie", title: str = "Debt", **more: object) -> Json:
    return {"type": "data_visualization", "title": title, "chart": {"type": kind, **more}}


def pie(count: int = 2, **more: object) -> Json:
    segments = [{"label": str(number), "value": number + 1, **more} for number in range(count)]
    return chart(segments=segments)


def series(name: str = "open", labels: tuple[str, ...] = ("Mo", "Tu"), value: object = 1) -> Json:
    return {"name": name, "data": [{"label": label, "value": value} for label in labels]}


def plotted(*given: Json, kind: str = "bar", **axis: object) -> Json:
    return chart(kind, series=list(given), axis_config={"categories": ["Mo", "Tu"], **axis})


def cell(text: str = "a") -> Json:
    return {"type": "raw_text", "text": text}


def number(value: object = 1.5, text: str = "1.5") -> Json:
    return {"type": "raw_number", "value": value, "text": text}


RICH: Json = {
    "type": "rich_text",
    "elements": [
        {"type": "rich_text_section", "elements": [{"type": "user", "user_id": ADA}]},
    ],
}


def table(rows: int = 2, columns: int = 2, **more: object) -> Json:
    cells = [[cell() for _ in range(columns)] for _ in range(rows)]
    return {"type": "data_table", "caption": "Rooms", "rows": cells, **more}


MANY = tuple(str(label) for label in range(20))
GOOD: list[Json] = [
    pie(6),
    pie(1, label=LONG),
    pie() | {"title": "x" * 50},
    *(
        plotted(series(), series("ended", value=-2.5), kind=kind)
        for kind in ("bar", "line", "area")
    ),
    plotted(*(series(str(index)) for index in range(6)), x_label="x" * 50, y_label="x" * 50),
    plotted(series(labels=("Tu", "Mo"))),
    chart("line", series=[series(LONG, MANY)], axis_config={"categories": list(MANY)}),
    table(101, 1),
    table(2, 20, page_size=100, row_header_column_index=1),
    {"type": "data_table", "caption": "x", "rows": [[cell(), number()], [RICH, number()]]},
]


@pytest.mark.parametrize("block", GOOD)
async def test_what_slack_draws_is_accepted(here: Local, block: Json) -> None:
    assert (await here.client.chat_postMessage(channel=ADA, text="x", blocks=[block]))["ok"]


BAD: list[tuple[Json, str]] = [
    (pie() | {"title": "x" * 51}, "/title"),
    (chart("donut"), "/chart/type"),
    (pie(7), "/chart/segments"),
    (pie(1, label=TOO_LONG), "/chart/segments/0/label"),
    (pie(1, value=0), "/chart/segments/0/value"),
    (pie(1, value="1"), "/chart/segments/0/value"),
    (chart("bar", series=[series()]), "/chart"),
    (plotted(), "/chart/series"),
    (plotted(*(series(str(index)) for index in range(7))), "/chart/series"),
    (plotted(series(), series()), "/chart/series/1/name"),
    (plotted(series(TOO_LONG)), "/chart/series/0/name"),
    (plotted(series(labels=())), "/chart/series/0/data"),
    (plotted(series(labels=("Mo", "We"))), "/chart/series/0/data"),
    (plotted(series(value=True)), "/chart/series/0/data/0/value"),
    (plotted(series(value=10**400)), "/chart/series/0/data/0/value"),
    (plotted(series(), x_label="x" * 51), "/chart/axis_config/x_label"),
    (
        chart("line", series=[series(labels=(*MANY, "20"))], axis_config={"categories": [*MANY]}),
        "/chart/series/0/data",
    ),
    (table() | {"caption": None}, ""),
    (table(1), "/rows"),
    (table(102, 1), "/rows"),
    (table(2, 21), "/rows/0"),
    (table(page_size=101), "/page_size"),
    (table() | {"rows": [[cell()], [cell(), cell()]]}, "/rows"),
    (table() | {"rows": [[RICH], [RICH]]}, "/rows/0/0/type"),
    (table() | {"rows": [[cell()], [number("1")]]}, "/rows/1/0/value"),
]


@pytest.mark.parametrize(("block", "place"), BAD)
async def test_what_slack_does_not_draw_is_refused_with_its_place(
    here: Local, block: Json, place: str
) -> None:
    await assert_refused_at(here, block, f"/blocks/0{place}")


async def test_a_message_has_two_charts_at_most(here: Local) -> None:
    client = here.client
    assert (await client.chat_postMessage(channel=ADA, text="x", blocks=[pie(), pie()]))["ok"]
    refused = await refusal(client.chat_postMessage(channel=ADA, text="x", blocks=[pie()] * 3))
    assert refused["error"] == "invalid_blocks"


async def test_a_view_has_none(here: Local) -> None:
    view = {"type": "home", "blocks": [pie()]}
    refused = await refusal(here.client.views_publish(user_id=ADA, view=view))
    assert refused["error"] == "invalid_arguments"
