"""Attachments: what stands beside a message, in the older way; blocks may stand in them.

Rules
- What is shown of an attachment is what Slack says it is; other fields are not looked into.
- Blocks in an attachment follow the rules of a message's own.
"""

from bot.local_slack.blockkit.rules import Problems, Rule, array, flag, problem, string
from bot.local_slack.blockkit.surfaces import Images, check_blocks, no_images
from bot.local_slack.slack_errors import SlackError
from bot.local_slack.state.records import Json

MOST = 100
_LONGEST = 40_000
_text = string(_LONGEST, 0)


def _known(fields: dict[str, Rule]) -> Rule:
    """An object with any fields; these follow a rule, where they are given."""

    def check(value: object, place: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            problem(problems, "must be an object", place)
            return
        for name, rule in fields.items():
            if value.get(name) is not None:
                rule(value[name], f"{place}/{name}", problems)

    return check


def _moment(value: object, place: str, problems: Problems) -> None:
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        problem(problems, "must be a timestamp", place)


_TEXTS = (
    "author_icon author_link author_name author_subname callback_id color fallback footer "
    "footer_icon from_url image_url pretext service_name text thumb_url title title_link"
)
_field = _known({"title": _text, "value": _text, "short": flag})
_attachments = array(
    _known(
        {
            **dict.fromkeys(_TEXTS.split(), _text),
            "fields": array(_field, MOST, 0),
            "mrkdwn_in": array(_text, MOST, 0),
            "ts": _moment,
        }
    ),
    MOST,
    0,
)


def check_attachments(given: object, images: Images = no_images) -> list[Json]:
    """The attachments of a message. Raises as check_blocks, and {invalid,too_many}_attachments."""
    if given in (None, ""):
        return []
    if isinstance(given, list) and len(given) > MOST:
        raise SlackError("too_many_attachments")
    problems: Problems = []
    _attachments(given, "/attachments", problems)
    if problems or not isinstance(given, list):
        raise SlackError("invalid_attachments", response_metadata={"messages": problems})
    for index, one in enumerate(given):
        check_blocks(one.get("blocks"), images, f"/attachments/{index}/blocks")
    return given
