"""Writes a model card from a passport: its front matter, and what stands between two marks.

Rules
- What people wrote stays: text outside the marks, and keys of the front matter that aren't ours,
  letter by letter, with their comments.
- The same passport gives the same card, whenever and however often it is written: of times it has
  ends alone, so that a card that is stale is told by comparing.
- What is missing is said. Text of a passport is text in the card, and no markup.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from bot.passport.model_card import FENCE

BEGIN = "<!-- From here to its end mark `warroom passport card` writes what stands here anew. -->"
END = "<!-- End of what `warroom passport card` writes. -->"
_KEY = re.compile(r"([A-Za-z_][\w-]*):")
_MARKUP = re.compile(r"([\\`*_\[\]<>|#])")
_LICENCES = re.compile(r"[a-z0-9][a-z0-9.+-]*")  # as Hugging Face calls those that it knows
_OURS = ("license", "license_name", "datasets", "base_model", "model-index")


class MarksError(Exception):
    """A card whose marks can't be told; the message says why."""


def card(existing: str, predicate: Mapping[str, Any]) -> str:
    """The card as it is to be, from what is there and what a passport says. MarksError."""
    front, body = _parted(existing)
    keys = _merged(front, _front_matter(predicate))
    start = f"{FENCE}\n{keys}{FENCE}\n" if keys else ""
    ours = "\n".join((BEGIN, "", *_body(predicate), END))
    return start + _placed(body, ours, predicate)


def _parted(text: str) -> tuple[str, str]:
    """The lines between the fences, and all behind them."""
    lines = text.removeprefix("\ufeff").splitlines(keepends=True)
    if not lines or lines[0].rstrip() != FENCE:
        return "", text
    end = next((at for at, line in enumerate(lines[1:], 1) if line.rstrip() == FENCE), None)
    if end is None:
        raise MarksError("the front matter has no end")
    return "".join(lines[1:end]), "".join(lines[end + 1 :])


def _merged(front: str, ours: Mapping[str, Any]) -> str:
    """The front matter with our keys as they are to be, each where it stood."""
    blocks: list[tuple[str, str]] = []  # the key, empty before the first one, and its lines
    for line in front.splitlines(keepends=True):
        key = _KEY.match(line)
        if key:
            blocks.append((key[1], line))
        elif blocks:
            blocks[-1] = (blocks[-1][0], blocks[-1][1] + line)
        else:
            blocks.append(("", line))
    there = {key for key, _ in blocks}
    said = {key: _dumped(key, value) for key, value in ours.items()}
    kept = [said.get(key, "" if key in _OURS else lines) for key, lines in blocks]
    kept += [text for key, text in said.items() if key not in there]
    return "".join(each if each.endswith("\n") or not each else f"{each}\n" for each in kept)


def _dumped(key: str, value: object) -> str:
    text: str = yaml.safe_dump(
        {key: value}, sort_keys=False, allow_unicode=True, default_flow_style=False, width=1000
    )
    return text


def _front_matter(predicate: Mapping[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if licence := predicate.get("licence"):
        known = _LICENCES.fullmatch(licence)
        said |= {"license": licence} if known else {"license": "other", "license_name": licence}
    for field, key in (("datasets", "datasets"), ("baseModels", "base_model")):
        if named := predicate.get(field):
            said[key] = [each["name"] for each in named]
    whole = [each for each in predicate.get("evaluation", ()) if "group" not in each]
    if whole:
        metrics = [{"type": each["metric"], "value": each["value"]} for each in whole]
        said["model-index"] = [{"name": predicate["name"], "results": [{"metrics": metrics}]}]
    return said


def _placed(body: str, ours: str, predicate: Mapping[str, Any]) -> str:
    """The body with our part in its place: between its marks, or behind all that is there."""
    counts = body.count(BEGIN), body.count(END)
    if counts == (0, 0):
        title = "" if body.strip() else f"# {_text(predicate['name'])}\n"
        before = body.rstrip("\n")
        return f"{title}{before}\n\n{ours}\n" if before else f"{title}\n{ours}\n"
    start, end = body.find(BEGIN), body.find(END)
    if counts != (1, 1) or end < start:
        raise MarksError("need one begin mark and one end mark behind it, or neither")
    return body[:start] + ours + body[end + len(END) :]


def _body(predicate: Mapping[str, Any]) -> Iterator[str]:
    yield from _what(predicate)
    yield from _table(
        "Data",
        ("data set", "version", "class", "collection", "covenant"),
        (
            (
                *(each.get(name, "") for name in ("name", "version", "classification")),
                each.get("collection", ""),
                _covenant(each.get("covenant")),
            )
            for each in predicate.get("datasets", ())
        ),
    )
    yield from _table(
        "Evaluation",
        ("metric", "group", "value", "interval", "cases"),
        (
            (
                each["metric"],
                each.get("group", "all"),
                each["value"],
                _interval(each),
                each.get("n", ""),
            )
            for each in predicate.get("evaluation", ())
        ),
    )
    yield from _list("Limits", predicate.get("limits", ()))
    yield from _table(
        "Decisions",
        ("decision", "outcome", "scope", "until", "place in the log"),
        (
            (
                *(each.get(name, "") for name in ("id", "outcome", "scope", "until")),
                _place(each.get("log")),
            )
            for each in predicate.get("decisions", ())
        ),
    )
    if missing := predicate["missing"]:
        yield from ("## Not known", "", f"Nothing was found of: {', '.join(missing)}.", "")


def _what(predicate: Mapping[str, Any]) -> Iterator[str]:
    named = {
        "Version": predicate.get("version"),
        "Base models": ", ".join(each["name"] for each in predicate.get("baseModels", ())),
        "Owner": predicate.get("owner"),
        "Team": predicate.get("team"),
        "Risk class": predicate.get("riskClass"),
        "Licence": predicate.get("licence"),
        "May go to": ", ".join(predicate.get("destinations", ())),
        "Papers end": predicate.get("until"),
    }
    lines = [f"- {name}: {_text(value)}" for name, value in named.items() if value]
    if lines:
        yield from ("## What it is", "", *lines, "")


def _table(title: str, heads: Sequence[str], rows: Iterator[Sequence[object]]) -> Iterator[str]:
    cells = [f"| {' | '.join(map(_text, row))} |" for row in rows]
    if cells:
        ruler = f"| {' | '.join('---' for _ in heads)} |"
        yield from (f"## {title}", "", f"| {' | '.join(heads)} |", ruler, *cells, "")


def _list(title: str, items: Sequence[str]) -> Iterator[str]:
    if items:
        yield from (f"## {title}", "", *(f"- {_text(each)}" for each in items), "")


def _covenant(covenant: Mapping[str, str] | None) -> str:
    if not covenant:
        return ""
    return f"{covenant['id']} until {covenant['until']}" if "until" in covenant else covenant["id"]


def _interval(each: Mapping[str, Any]) -> str:
    return f"{each['low']} to {each['high']}" if "low" in each and "high" in each else ""


def _place(log: Mapping[str, Any] | None) -> str:
    return f"leaf {log['index']} of {log['origin']}" if log else ""


def _text(value: object) -> str:
    """Words of a passport as words, on one line."""
    return _MARKUP.sub(r"\\\1", " ".join(str(value).split()))
