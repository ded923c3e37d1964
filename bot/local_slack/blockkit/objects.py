"""Composition objects: texts, options, confirmations, filters."""

from bot.local_slack.blockkit.rules import (
    Problems,
    Rule,
    all_of,
    anything,
    array,
    exactly_one,
    flag,
    problem,
    record,
    string,
    variant,
)

ID_LENGTH = 255
BUTTON_TEXT, BUTTON_VALUE, URL_LENGTH = 75, 2000, 3000
OPTION_LENGTH, MOST_OPTIONS = 75, 100

identifier = string(ID_LENGTH)
url = string(URL_LENGTH)


def plain(most: int, least: int = 1) -> Rule:
    """A `plain_text` object and no other."""
    return variant({"plain_text": record({"text": string(most, least)}, {"emoji": flag})})


def text(most: int) -> Rule:
    """A `plain_text` or `mrkdwn` object."""
    content = {"text": string(most)}
    return variant(
        {
            "plain_text": record(content, {"emoji": flag}),
            "mrkdwn": record(content, {"verbatim": flag}),
        }
    )


confirm = record(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": string(7, choices=("primary", "danger"))},
)

option = record(
    {"text": text(OPTION_LENGTH), "value": string(OPTION_LENGTH)},
    {"description": text(OPTION_LENGTH)},
)
plain_option = record(
    {"text": plain(OPTION_LENGTH), "value": string(OPTION_LENGTH)},
    {"description": plain(OPTION_LENGTH)},
)
overflow_option = record(
    {"text": plain(OPTION_LENGTH), "value": string(OPTION_LENGTH)},
    {"description": plain(OPTION_LENGTH), "url": url},
)
option_group = record({"label": plain(OPTION_LENGTH), "options": array(plain_option, MOST_OPTIONS)})


def offered(value: object, place: str, problems: Problems) -> None:
    """A rule: what is chosen at first is among the options, and no value is there twice."""
    if not isinstance(value, dict):
        return
    options = _offered(value)
    values = [o["value"] for o in options if isinstance(o.get("value"), str)]
    if len(values) != len(set(values)):
        problem(problems, "option values must be unique", f"{place}/options")
    first = value.get("initial_option")
    several = value.get("initial_options")
    initial = [first] if first is not None else several if isinstance(several, list) else []
    if any(one not in options for one in initial):
        problem(problems, "initial option must be among the options", place)


def _offered(element: dict[str, object]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    options, groups = element.get("options"), element.get("option_groups")
    for given in [options] if isinstance(options, list) else []:
        found.extend(one for one in given if isinstance(one, dict))
    for group in groups if isinstance(groups, list) else []:
        inner = group.get("options") if isinstance(group, dict) else None
        inner = inner if isinstance(inner, list) else []
        found.extend(one for one in inner if isinstance(one, dict))
    return found


one_source = all_of(exactly_one("options", "option_groups"), offered)

conversation_filter = record(
    None,
    {
        "include": array(string(20, choices=("im", "mpim", "private", "public")), 4),
        "exclude_external_shared_channels": flag,
        "exclude_bot_users": flag,
    },
)
dispatch_config = record(
    None,
    {
        "trigger_actions_on": array(
            string(40, choices=("on_enter_pressed", "on_character_entered")), 2
        )
    },
)
slack_file = all_of(record(None, {"id": identifier, "url": url}), exactly_one("id", "url"))
workflow = record({"trigger": anything})
