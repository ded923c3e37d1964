"""The few kinds of rule that all of Block Kit is described with."""

from collections.abc import Callable, Collection, Mapping

Problems = list[str]
Rule = Callable[[object, str, Problems], None]
"""A rule gets the value, its place as a JSON pointer, and the list to add problems to."""


def problem(problems: Problems, what: str, place: str) -> None:
    """Add a problem in Slack's words."""
    problems.append(f"[ERROR] {what} [json-pointer:{place}]")


def string(most: int, least: int = 1, choices: Collection[str] = ()) -> Rule:
    """A text of `least` to `most` characters, one of `choices` if there are any."""

    def check(value: object, place: str, problems: Problems) -> None:
        if not isinstance(value, str):
            problem(problems, "must be a string", place)
        elif len(value) < least:
            problem(problems, f"must be more than {least - 1} characters", place)
        elif len(value) > most:
            problem(problems, f"must be less than {most + 1} characters", place)
        elif choices and value not in choices:
            problem(problems, f"must be one of: {', '.join(sorted(choices))}", place)

    return check


def flag(value: object, place: str, problems: Problems) -> None:
    """A rule: true or false."""
    if not isinstance(value, bool):
        problem(problems, "must be a boolean", place)


def whole(least: int, most: int) -> Rule:
    """A whole number within bounds."""

    def check(value: object, place: str, problems: Problems) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            problem(problems, "must be an integer", place)
        elif not least <= value <= most:
            problem(problems, f"must be between {least} and {most}", place)

    return check


def array(item: Rule, most: int, least: int = 1) -> Rule:
    """A list of `least` to `most` items that all follow one rule."""

    def check(value: object, place: str, problems: Problems) -> None:
        if not isinstance(value, list):
            problem(problems, "must be an array", place)
            return
        if len(value) < least:
            problem(problems, f"no fewer than {least} items allowed", place)
        if len(value) > most:
            problem(problems, f"no more than {most} items allowed", place)
        for index, one in enumerate(value):
            item(one, f"{place}/{index}", problems)

    return check


def record(
    required: Mapping[str, Rule] | None = None, optional: Mapping[str, Rule] | None = None
) -> Rule:
    """An object with these fields and no other; `type` is looked at elsewhere."""
    needed = required or {}
    known = {**needed, **(optional or {})}

    def check(value: object, place: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            problem(problems, "must be an object", place)
            return
        for name in needed:
            if value.get(name) is None:
                problem(problems, f"missing required field: {name}", place)
        for name, given in value.items():
            if name in known and given is not None:
                known[name](given, f"{place}/{name}", problems)
            elif name not in known and name != "type":
                problem(problems, f"invalid additional property: {name}", place)

    return check


def variant(kinds: Mapping[str, Rule]) -> Rule:
    """An object whose `type` says which rule it follows."""

    def check(value: object, place: str, problems: Problems) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(value, dict):
            problem(problems, "must be an object", place)
        elif kind is None:
            problem(problems, "missing required field: type", place)
        elif not isinstance(kind, str) or kind not in kinds:
            problem(problems, f"unsupported type: {kind}", f"{place}/type")
        else:
            kinds[kind](value, place, problems)

    return check


def all_of(*rules: Rule) -> Rule:
    """Every one of several rules."""

    def check(value: object, place: str, problems: Problems) -> None:
        for rule in rules:
            rule(value, place, problems)

    return check


def exactly_one(*names: str) -> Rule:
    """Of these fields one is there, and no more."""

    def check(value: object, place: str, problems: Problems) -> None:
        given = [n for n in names if isinstance(value, dict) and value.get(n) is not None]
        if len(given) != 1:
            problem(problems, f"exactly one of these fields is needed: {', '.join(names)}", place)

    return check


def anything(value: object, place: str, problems: Problems) -> None:
    """A rule that accepts every value: what the local Slack does not look into."""


def unique(field: str, value: object, place: str, problems: Problems) -> None:
    """In a list of objects no two have the same `field`."""
    seen: set[object] = set()
    for index, one in enumerate(value if isinstance(value, list) else ()):
        given = one.get(field) if isinstance(one, dict) else None
        if isinstance(given, str) and given in seen:
            what = f"{field} already exists: {given}"
            problem(problems, what, f"{place}/{index}/{field}")
        seen.add(given if isinstance(given, str) else None)
