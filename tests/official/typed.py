"""Calls as they were logged, written as TypeScript, and what the published types say against them.

The wire has everything as text where a call is a form: numbers, flags and JSON are made values
again, as whoever writes the call has them.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from bot.local_slack import METHODS, SlackCall

HERE = Path(__file__).parent
PACKAGES = HERE / "node_modules"
FLAGS = frozenset(
    {
        "exclude_archived",
        "force",
        "include_all_metadata",
        "include_num_members",
        "include_users",
        "is_private",
        "return_im",
    }
)
NUMBERS = frozenset({"length", "limit"})
OF_PYTHONS_SDK = frozenset({"team_id"})
"""Python's SDK gives these to any method, of itself."""
AS_WRITTEN = {"blocks": "slack.Blocks", "view": "slack.View"}
START = "import * as slack from './slack';\n\nconst client = new slack.WebClient();\n"
PLACE = re.compile(r"calls\.ts\((\d+),(\d+)\): error (.*)")
SNIPPET = 60


def why_not() -> str | None:
    """Why nothing can be compared with the published types here; None where it can."""
    if shutil.which("node") is None:
        return "there is no node, which reads the published types"
    if not PACKAGES.is_dir():
        return "the npm packages are not installed: `make official` does that, where npm is"
    return None


def complaints(calls: Iterable[SlackCall], folder: Path) -> list[str]:
    """What the types have against the calls, their answers and the events; `folder` is empty."""
    statements = [named for call in calls for named in _statements(call)]
    lines = START.splitlines() + [text for _, text in statements]
    (folder / "calls.ts").write_text("\n".join(lines), encoding="utf-8")
    for shared in ("package.json", "slack.ts", "tsconfig.json"):
        shutil.copy(HERE / shared, folder)
    (folder / "node_modules").symlink_to(PACKAGES)
    tsc = ["node", str(PACKAGES / "typescript" / "bin" / "tsc"), "--pretty", "false"]
    run = subprocess.run(tsc, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    said = [line for line in run.stdout.splitlines() if not line.startswith(" ")]
    assert bool(said) == bool(run.returncode), run.stdout + run.stderr
    names = ["calls.ts"] * len(START.splitlines()) + [name for name, _ in statements]
    return [_complaint(line, names, lines) for line in said]


def _complaint(said: str, names: list[str], lines: list[str]) -> str:
    place = PLACE.match(said)
    if place is None:
        return said
    line, column = int(place[1]) - 1, int(place[2]) - 1
    return f"{names[line]}: {place[3]} at {lines[line][column : column + SNIPPET]}"


def _statements(call: SlackCall) -> Iterator[tuple[str, str]]:
    """What is said of one call, each with a name for it, on one line."""
    if call.method in METHODS:
        method, number = f"client.{call.method}", call.id
        given = {name: _value(name, value) for name, value in call.arguments.items()}
        taken = {name: value for name, value in given.items() if name not in OF_PYTHONS_SDK}
        arguments = _written(taken, AS_WRITTEN)
        yield call.method, f"export const call{number} = () => {method}({arguments});"
        answer = f"export const answer{number}: slack.Answer<typeof {method}, '{call.method}'>"
        yield f"the answer to {call.method}", f"{answer} = {_written(call.answer)};"
    elif call.arguments.get("type") == "event_callback":
        event = call.arguments["event"]
        name = " ".join(filter(None, ("the event", event["type"], event.get("subtype"))))
        yield name, f"export const event{call.id}: slack.Heard = {_written(event)};"


def _value(name: str, text: object) -> object:
    if not isinstance(text, str):
        return text
    if name in FLAGS:
        return text in ("1", "true")
    if name in NUMBERS or (text[:1] in ("{", "[") and name != "private_metadata"):
        return json.loads(text)
    return text


def _written(value: object, types: Mapping[str, str] = MappingProxyType({}), name: str = "") -> str:
    """JSON is TypeScript; what stands under a name in `types` has to be of that type.

    And then it is said to be: else the SDK would look for what it knows in blocks of a new kind.
    """
    if isinstance(value, dict):
        inside = (f"{json.dumps(key)}: {_written(one, types, key)}" for key, one in value.items())
        text = "{" + ", ".join(inside) + "}"
    elif isinstance(value, list):
        text = "[" + ", ".join(_written(one, types) for one in value) + "]"
    else:
        text = json.dumps(value)
    return f"{text} satisfies {types[name]} as {types[name]}" if name in types else text
