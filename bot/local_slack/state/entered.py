"""What a person enters: from a plain value to Slack's state entry, and what Slack itself refuses.

Rules
- A plain value is a text, a chosen option's value, an id or a date; a list where many are chosen.
- A required input without a value, a text that is too short or too long, a number out of its
  range and an option that is not offered never reach the bot.
"""

from itertools import chain

from bot.local_slack.state.identified import elements
from bot.local_slack.state.records import Json, Values

REQUIRED = "Please complete this required field."
_PLAIN = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "file_input": ("files", None),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
}
_ONE_OPTION = frozenset({"static_select", "external_select", "radio_buttons", "overflow"})
_MANY_OPTIONS = frozenset({"checkboxes", "multi_static_select", "multi_external_select"})
_LISTS = frozenset({name for name in _PLAIN if name.startswith("multi_")} | {"file_input"})
_TYPED = frozenset({"plain_text_input", "email_text_input", "url_text_input", "number_input"})
_STATELESS = frozenset({"button", "overflow", "workflow_button", "icon_button", "feedback_buttons"})


class NotOfferedError(Exception):
    """The element does not offer the value."""


def starting_values(blocks: list[Json], kept: Values | None = None) -> Values:
    """The state of fresh blocks: initial values, or what was `kept` under the same ids."""
    state: Values = {}
    for block in blocks:
        for element in elements(block):
            if element["type"] in _STATELESS:
                continue
            block_id, action_id = block["block_id"], element["action_id"]
            before = (kept or {}).get(block_id, {}).get(action_id)
            same = before is not None and before["type"] == element["type"]
            fresh = before if same and before is not None else _initial(element)
            state.setdefault(block_id, {})[action_id] = fresh
    return state


def entry(element: Json, value: object) -> Json:
    """The state entry for a plain value. Raises NotOfferedError."""
    kind = element["type"]
    if kind in _ONE_OPTION:
        return {"type": kind, "selected_option": _option(element, value)}
    if kind in _MANY_OPTIONS:
        chosen = value if isinstance(value, list) else [] if value is None else [value]
        return {"type": kind, "selected_options": [_option(element, one) for one in chosen]}
    if kind in _LISTS:
        many = value if isinstance(value, list) else [] if value is None else [value]
        return {"type": kind, _PLAIN[kind][0]: many}
    if kind in _TYPED and value is not None:
        return {"type": kind, "value": str(value)}
    if kind in _PLAIN:
        return {"type": kind, _PLAIN[kind][0]: value}
    raise NotOfferedError(f"nothing can be entered in a {kind}")


def refused(blocks: list[Json], values: Values) -> dict[str, str]:
    """What Slack itself says of each input block whose value it does not accept."""
    found = {}
    for block in blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        chosen = values.get(block["block_id"], {}).get(element["action_id"], {})
        content = next((value for name, value in chosen.items() if name != "type"), None)
        problem = _problem(element, content, optional=bool(block.get("optional")))
        if problem is not None:
            found[block["block_id"]] = problem
    return found


def _initial(element: Json) -> Json:
    kind = element["type"]
    if kind in _ONE_OPTION:
        return {"type": kind, "selected_option": element.get("initial_option")}
    if kind in _MANY_OPTIONS:
        return {"type": kind, "selected_options": element.get("initial_options", [])}
    name, initial = _PLAIN.get(kind, ("value", None))
    nothing: object = [] if kind in _LISTS else None
    return {"type": kind, name: element.get(initial, nothing) if initial else nothing}


def _option(element: Json, value: object) -> Json | None:
    if value is None:
        return None
    grouped = (group["options"] for group in element.get("option_groups", []))
    option: Json
    for option in chain(element.get("options", []), *grouped):
        if option.get("value") == value:
            return option
    if element["type"].endswith("external_select") and isinstance(value, dict):
        return value
    raise NotOfferedError(f"{value!r} is not among the options of {element['action_id']}")


def _problem(element: Json, content: object, *, optional: bool) -> str | None:
    if content in (None, "", []):
        return None if optional else REQUIRED
    if element["type"] == "plain_text_input":
        return _length_problem(element, str(content))
    if element["type"] == "number_input":
        return _number_problem(element, str(content))
    if element["type"] == "email_text_input" and "@" not in str(content):
        return "Please enter a valid email address."
    if element["type"] == "url_text_input" and "://" not in str(content):
        return "Please enter a valid URL."
    return None


def _length_problem(element: Json, text: str) -> str | None:
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if len(text) < least:
        return f"Please enter at least {least} characters ({len(text)} now)."
    if len(text) > most:
        return f"Please enter at most {most} characters ({len(text)} now)."
    return None


def _number_problem(element: Json, text: str) -> str | None:
    try:
        number = float(text)
        if number != int(number) and not element["is_decimal_allowed"]:
            return "Please enter a whole number."
    except (ValueError, OverflowError):
        return "Please enter a number."
    least, most = element.get("min_value"), element.get("max_value")
    if least is not None and number < float(least):
        return f"Please enter a number of at least {least}."
    if most is not None and number > float(most):
        return f"Please enter a number of at most {most}."
    return None
