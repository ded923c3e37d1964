"""Block elements, and in which blocks each may stand."""

from collections.abc import Mapping

from bot.local_slack.blockkit.objects import (
    BUTTON_TEXT,
    BUTTON_VALUE,
    MOST_OPTIONS,
    confirm,
    conversation_filter,
    dispatch_config,
    identifier,
    offered,
    one_source,
    option,
    option_group,
    overflow_option,
    plain,
    plain_option,
    slack_file,
    url,
    workflow,
)
from bot.local_slack.blockkit.rich_text import RICH_TEXT
from bot.local_slack.blockkit.rules import (
    Rule,
    all_of,
    anything,
    array,
    exactly_one,
    flag,
    record,
    string,
    variant,
    whole,
)

PLACEHOLDER = 150
LONGEST_INPUT = 3000
_STYLE = string(7, choices=("primary", "danger"))
_NUMBER = string(40)


def _element(
    required: Mapping[str, Rule] | None = None, optional: Mapping[str, Rule] | None = None
) -> Rule:
    return record(required, {"action_id": identifier, **(optional or {})})


_MENU = {"confirm": confirm, "focus_on_load": flag, "placeholder": plain(PLACEHOLDER)}
_MANY = {**_MENU, "max_selected_items": whole(1, 100)}
_STATIC = {
    "options": array(plain_option, MOST_OPTIONS),
    "option_groups": array(option_group, MOST_OPTIONS),
}
_TYPED = {
    "placeholder": plain(PLACEHOLDER),
    "focus_on_load": flag,
    "dispatch_action_config": dispatch_config,
}
_IDS = array(identifier, 100, 0)
_SEARCH = {"min_query_length": whole(0, 255)}
_ANSWER = {"response_url_enabled": flag}
_CONVERSATION = {"default_to_current_conversation": flag, "filter": conversation_filter}

BUTTON = _element(
    {"text": plain(BUTTON_TEXT)},
    {
        "value": string(BUTTON_VALUE),
        "url": url,
        "style": _STYLE,
        "confirm": confirm,
        "accessibility_label": string(75),
    },
)
_few = {"confirm": confirm, "focus_on_load": flag}
_MENUS: dict[str, Rule] = {
    "static_select": all_of(
        _element(None, {**_MENU, **_STATIC, "initial_option": plain_option}), one_source
    ),
    "multi_static_select": all_of(
        _element(None, {**_MANY, **_STATIC, "initial_options": array(plain_option, 100)}),
        one_source,
    ),
    "external_select": _element(None, {**_MENU, **_SEARCH, "initial_option": plain_option}),
    "multi_external_select": _element(
        None, {**_MANY, **_SEARCH, "initial_options": array(plain_option, 100)}
    ),
    "users_select": _element(None, {**_MENU, "initial_user": identifier}),
    "multi_users_select": _element(None, {**_MANY, "initial_users": _IDS}),
    "conversations_select": _element(
        None, {**_MENU, **_ANSWER, **_CONVERSATION, "initial_conversation": identifier}
    ),
    "multi_conversations_select": _element(
        None, {**_MANY, **_CONVERSATION, "initial_conversations": _IDS}
    ),
    "channels_select": _element(None, {**_MENU, **_ANSWER, "initial_channel": identifier}),
    "multi_channels_select": _element(None, {**_MANY, "initial_channels": _IDS}),
}
_CHOICES: dict[str, Rule] = {
    "checkboxes": all_of(
        _element({"options": array(option, 10)}, {**_few, "initial_options": array(option, 10)}),
        offered,
    ),
    "radio_buttons": all_of(
        _element({"options": array(option, 10)}, {**_few, "initial_option": option}), offered
    ),
    "datepicker": _element(None, {**_MENU, "initial_date": string(10, 10)}),
    "timepicker": _element(None, {**_MENU, "initial_time": string(5, 5), "timezone": string(100)}),
    "datetimepicker": _element(None, {**_few, "initial_date_time": whole(10**9, 10**10 - 1)}),
}
_TEXT_INPUTS: dict[str, Rule] = {
    "plain_text_input": _element(
        None,
        {
            **_TYPED,
            "initial_value": string(LONGEST_INPUT, 0),
            "multiline": flag,
            "min_length": whole(0, LONGEST_INPUT),
            "max_length": whole(1, LONGEST_INPUT),
        },
    ),
    "email_text_input": _element(None, {**_TYPED, "initial_value": string(LONGEST_INPUT, 0)}),
    "url_text_input": _element(None, {**_TYPED, "initial_value": string(LONGEST_INPUT, 0)}),
    "number_input": _element(
        {"is_decimal_allowed": flag},
        {**_TYPED, "initial_value": _NUMBER, "min_value": _NUMBER, "max_value": _NUMBER},
    ),
    "rich_text_input": _element(
        None, {**_TYPED, "initial_value": variant({"rich_text": RICH_TEXT})}
    ),
    "file_input": _element(None, {"filetypes": array(string(20), 100), "max_files": whole(1, 10)}),
}
IMAGE = all_of(
    record({"alt_text": string(2000)}, {"image_url": url, "slack_file": slack_file}),
    exactly_one("image_url", "slack_file"),
)
_BUTTONS: dict[str, Rule] = {
    "button": BUTTON,
    "overflow": all_of(
        _element({"options": array(overflow_option, 5)}, {"confirm": confirm}), offered
    ),
    "workflow_button": _element(
        {"text": plain(BUTTON_TEXT), "workflow": workflow},
        {"style": _STYLE, "accessibility_label": string(75)},
    ),
}

IN_ACTIONS: dict[str, Rule] = _BUTTONS | _MENUS | _CHOICES
IN_SECTION: dict[str, Rule] = IN_ACTIONS | {"image": IMAGE}
IN_INPUT: dict[str, Rule] = _MENUS | _CHOICES | _TEXT_INPUTS
IN_CONTEXT_ACTIONS: dict[str, Rule] = {
    "feedback_buttons": _element({"positive_button": anything, "negative_button": anything}),
    "icon_button": _element(
        {"icon": string(50), "text": plain(BUTTON_TEXT)},
        {"value": string(BUTTON_VALUE), "confirm": confirm, "accessibility_label": string(75)},
    ),
}
