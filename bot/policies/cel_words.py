"""The words of CEL for people: what conditions can call, and what types are called."""

import re

# How each is written. `x` is what it is called on or with.
FUNCTIONS = {
    "all": "list.all(x, condition)",
    "bool": "bool(x)",
    "bytes": "bytes(x)",
    "charAt": "text.charAt(number)",
    "contains": "text.contains(part)",
    "double": "double(x)",
    "duration": 'duration("5h30m")',
    "dyn": "dyn(x)",
    "endsWith": "text.endsWith(part)",
    "exists": "list.exists(x, condition)",
    "exists_one": "list.exists_one(x, condition)",
    "filter": "list.filter(x, condition)",
    "first": "list.first()",
    "format": "text.format(list)",
    "getDate": "time.getDate(zone)",
    "getDayOfMonth": "time.getDayOfMonth(zone)",
    "getDayOfWeek": "time.getDayOfWeek(zone)",
    "getDayOfYear": "time.getDayOfYear(zone)",
    "getFullYear": "time.getFullYear(zone)",
    "getHours": "time.getHours(zone)",
    "getMilliseconds": "time.getMilliseconds(zone)",
    "getMinutes": "time.getMinutes(zone)",
    "getMonth": "time.getMonth(zone)",
    "getSeconds": "time.getSeconds(zone)",
    "has": "has(facts.x)",
    "hasValue": "facts.?x.hasValue()",
    "indexOf": "text.indexOf(part)",
    "int": "int(x)",
    "join": "list.join(separator)",
    "last": "list.last()",
    "lastIndexOf": "text.lastIndexOf(part)",
    "lowerAscii": "text.lowerAscii()",
    "map": "list.map(x, expression)",
    "matches": "text.matches(pattern)",
    "math.abs": "math.abs(x)",
    "math.bitAnd": "math.bitAnd(x, y)",
    "math.bitNot": "math.bitNot(x)",
    "math.bitOr": "math.bitOr(x, y)",
    "math.bitShiftLeft": "math.bitShiftLeft(x, y)",
    "math.bitShiftRight": "math.bitShiftRight(x, y)",
    "math.bitXor": "math.bitXor(x, y)",
    "math.ceil": "math.ceil(x)",
    "math.floor": "math.floor(x)",
    "math.greatest": "math.greatest(x, y)",
    "math.isFinite": "math.isFinite(x)",
    "math.isInf": "math.isInf(x)",
    "math.isNaN": "math.isNaN(x)",
    "math.least": "math.least(x, y)",
    "math.round": "math.round(x)",
    "math.sign": "math.sign(x)",
    "math.sqrt": "math.sqrt(x)",
    "math.trunc": "math.trunc(x)",
    "optFlatMap": "facts.?x.optFlatMap(x, expression)",
    "optMap": "facts.?x.optMap(x, expression)",
    "optional.none": "optional.none()",
    "optional.of": "optional.of(x)",
    "optional.ofNonZeroValue": "optional.ofNonZeroValue(x)",
    "or": "facts.?x.or(facts.?y)",
    "orValue": "facts.?x.orValue(default)",
    "replace": "text.replace(old, new)",
    "reverse": "text.reverse()",
    "size": "size(x)",
    "split": "text.split(separator)",
    "startsWith": "text.startsWith(part)",
    "string": "string(x)",
    "strings.quote": "strings.quote(text)",
    "substring": "text.substring(start, end)",
    "timestamp": 'timestamp("2027-01-31T00:00:00Z")',
    "trim": "text.trim()",
    "type": "type(x)",
    "uint": "uint(x)",
    "upperAscii": "text.upperAscii()",
    "value": "facts.?x.value()",
}
# What CEL takes from a text only when it is asked: how to try one, and what is needed.
FROM_TEXT = {
    "timestamp": ("timestamp({})", FUNCTIONS["timestamp"]),
    "duration": ("duration({})", f"{FUNCTIONS['duration']}: hours, minutes and seconds"),
    "matches": ("''.matches({})", "a regular expression of RE2"),
    **{
        name: (f"timestamp(0).{name}({{}})", "a time zone such as 'Europe/Paris' or '+02:00'")
        for name in FUNCTIONS
        if name.startswith("get")
    },
}
NAMESPACES = frozenset({"math", "optional", "strings"})

# What other languages call it, in small letters.
MEANT = {
    "any": "exists",
    "ceil": "math.ceil",
    "count": "size",
    "default": "orValue",
    "every": "all",
    "floor": "math.floor",
    "get": "orValue",
    "getday": "getDayOfWeek",
    "getyear": "getFullYear",
    "includes": "contains",
    "ispresent": "hasValue",
    "len": "size",
    "length": "size",
    "lower": "lowerAscii",
    "match": "matches",
    "max": "math.greatest",
    "min": "math.least",
    "orelse": "orValue",
    "regex": "matches",
    "round": "math.round",
    "some": "exists",
    "str": "string",
    "strip": "trim",
    "tolowercase": "lowerAscii",
    "touppercase": "upperAscii",
    "upper": "upperAscii",
}

_TYPES = {
    "string": "string",
    "bytes": "bytes",
    "int": "int",
    "int64": "int",
    "uint": "uint",
    "uint64": "uint",
    "double": "double",
    "bool": "bool",
    "null": "null",
    "null_type": "null",
    "list": "list",
    "map": "map",
    "timestamp": "time",
    "google.protobuf.timestamp": "time",
    "duration": "duration",
    "google.protobuf.duration": "duration",
    "optional_type": "optional",
    "type": "type",
}


def type_words(name: str) -> str:
    """A type of CEL's for people, however the library spells it: `a list of string`, `an int`."""
    outer, *inner = re.split(r"[<(]", name.lower().rstrip(")>"), maxsplit=1)
    kind = _TYPES.get(outer, "value of some type")
    held = _TYPES.get(inner[0]) if inner else None
    if kind == "null":
        return kind
    article = "an" if kind[0] in "aeio" else "a"
    if kind == "list" and held:
        return f"a list of {held}"
    return f"{article} {kind} {held}" if kind == "optional" and held else f"{article} {kind}"


def call_words(name: str) -> str:
    """An operator or a function as it is written, which the library calls `_>_`, `@in`, `size`."""
    if name == "<jump_condition>":
        return "?:"
    return name.lstrip("@") if re.search("[a-z]", name) else name.replace("_", "")
