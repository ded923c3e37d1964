"""Blocks, and on which surface each may stand."""

from bot.local_slack.blockkit.elements import (
    IMAGE,
    IN_ACTIONS,
    IN_CONTEXT_ACTIONS,
    IN_INPUT,
    IN_SECTION,
)
from bot.local_slack.blockkit.figures import FIGURES, few_charts
from bot.local_slack.blockkit.objects import identifier, plain, slack_file, text, url
from bot.local_slack.blockkit.rich_text import RICH_TEXT
from bot.local_slack.blockkit.rules import (
    Problems,
    Rule,
    all_of,
    array,
    exactly_one,
    flag,
    problem,
    record,
    string,
    unique,
    variant,
)

IN_MESSAGE, IN_VIEW = 50, 100
SECTION_TEXT, FIELD_TEXT, MOST_FIELDS = 3000, 2000, 10
HEADER_TEXT, LABEL_TEXT = 150, 2000
MOST_ACTIONS, MOST_CONTEXT, CONTEXT_TEXT = 25, 10, 2000
MARKDOWN_TEXT = 12_000
MOST_ROWS, MOST_CELLS = 100, 20
_ID = {"block_id": identifier}


def _text_or_fields(value: object, place: str, problems: Problems) -> None:
    if isinstance(value, dict) and not value.get("text") and not value.get("fields"):
        problem(problems, "missing required field: text", place)


def _action_ids_once(value: object, place: str, problems: Problems) -> None:
    unique("action_id", value, place, problems)


_texts: dict[str, Rule] = {"plain_text": text(CONTEXT_TEXT), "mrkdwn": text(CONTEXT_TEXT)}
_image = all_of(
    record(
        {"alt_text": string(2000)},
        {**_ID, "image_url": url, "slack_file": slack_file, "title": plain(2000)},
    ),
    exactly_one("image_url", "slack_file"),
)
_input = record(
    {"label": plain(LABEL_TEXT), "element": variant(IN_INPUT)},
    {**_ID, "hint": plain(LABEL_TEXT), "optional": flag, "dispatch_action": flag},
)

_EVERYWHERE: dict[str, Rule] = {
    "actions": record(
        {"elements": all_of(array(variant(IN_ACTIONS), MOST_ACTIONS), _action_ids_once)}, _ID
    ),
    "context": record({"elements": array(variant({**_texts, "image": IMAGE}), MOST_CONTEXT)}, _ID),
    "divider": record(None, _ID),
    "header": record({"text": plain(HEADER_TEXT)}, _ID),
    "image": _image,
    "input": _input,
    "rich_text": RICH_TEXT,
    "section": all_of(
        record(
            None,
            {
                **_ID,
                "text": text(SECTION_TEXT),
                "fields": array(text(FIELD_TEXT), MOST_FIELDS),
                "accessory": variant(IN_SECTION),
                "expand": flag,
            },
        ),
        _text_or_fields,
    ),
    "video": record(
        {"alt_text": string(2000), "title": plain(199), "thumbnail_url": url, "video_url": url},
        {
            **_ID,
            "title_url": url,
            "description": plain(199),
            "provider_icon_url": url,
            "provider_name": string(49),
            "author_name": string(49),
        },
    ),
}
_CELLS: dict[str, Rule] = {
    "raw_text": record({"text": string(MARKDOWN_TEXT, 0)}),
    "rich_text": RICH_TEXT,
}
_column_given = record(
    None, {"align": string(6, choices=("left", "center", "right")), "is_wrapped": flag}
)


def _column(value: object, place: str, problems: Problems) -> None:
    if value is not None:  # null passes a column over
        _column_given(value, place, problems)


_IN_MESSAGES_ONLY: dict[str, Rule] = {
    **FIGURES,
    "context_actions": record(
        {"elements": all_of(array(variant(IN_CONTEXT_ACTIONS), 5), _action_ids_once)}, _ID
    ),
    "file": record({"external_id": string(255), "source": string(6, choices=("remote",))}, _ID),
    "markdown": record({"text": string(MARKDOWN_TEXT)}, _ID),
    "table": record(
        {"rows": array(array(variant(_CELLS), MOST_CELLS), MOST_ROWS)},
        {**_ID, "column_settings": array(_column, MOST_CELLS, 0)},
    ),
}


def _block_ids_once(value: object, place: str, problems: Problems) -> None:
    unique("block_id", value, place, problems)


message_blocks: Rule = all_of(
    array(variant(_EVERYWHERE | _IN_MESSAGES_ONLY), IN_MESSAGE, 0), _block_ids_once, few_charts
)
view_blocks: Rule = all_of(array(variant(_EVERYWHERE), IN_VIEW, 0), _block_ids_once)
