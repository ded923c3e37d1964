"""The change behind a violation: its code where something was found, its commit, files and run.

Rules
- All of it comes from outside: code stands in a block in which Slack draws nothing, the rest is one
  harmless line each. Who wrote the commit is told as its system says, and calls nobody.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from bot.domain.count import counted
from bot.domain.violation import FILES_SHOWN, LINES_SHOWN, Code, Origin
from bot.integrations.slack.show.about import About
from bot.integrations.slack.show.blocks import Detail, code, sections
from bot.integrations.slack.show.text import Block, outside

_PATH = 200
_WORD = 100
_MESSAGE = 300
_LINES_LEAST = 3
_RULES, _FINDINGS = 5, 3


def blocks(about: About, detail: Detail) -> list[Block]:
    """What is known of the change, and the lines of code that are meant."""
    origin = about.room.violation.report.origin
    lines = (*_commit(origin, detail), *_findings(about, detail))
    return [*sections(lines), *_code(about, origin.code, detail)]


def whole(origin: Origin) -> Iterator[str]:
    """The same in lines for whoever wants to see all, but for the code."""
    named = (
        ("Job", origin.job, _WORD),
        ("Run", origin.run_id, _WORD),
        ("Author", origin.author, _MESSAGE),
        ("Commit message", origin.commit_message, 2500),
    )
    yield from (f"*{label}* {outside(text, most)}" for label, text, most in named if text)
    yield from (f"*Changed* {outside(path, _PATH)}" for path in origin.changed_files)


def _commit(origin: Origin, detail: Detail) -> Iterator[str]:
    message = (origin.commit_message or "").strip().partition("\n")[0]
    parts = [
        f"“{outside(message, detail.line)}”" if message else "",
        f"by {outside(origin.author, _WORD)}" if origin.author else "",
    ]
    if any(parts):
        yield f"Commit {' '.join(filter(None, parts))}"
    if files := origin.changed_files:
        more = ", …" if len(files) > FILES_SHOWN else ""
        yield f"Changed: {', '.join(outside(each, _WORD) for each in files[:FILES_SHOWN])}{more}"
    run = [origin.job and f"job {outside(origin.job, _WORD)}"]
    run.append(origin.run_id and f"run {outside(origin.run_id, _WORD)}")
    if any(run):
        yield f"In {', '.join(part for part in run if part)}"


def _findings(about: About, detail: Detail) -> Iterator[str]:
    """Of several findings that are reported as one: how many by which rules, and the first."""
    told = about.facts.get("findings")
    among = told if isinstance(told, list | tuple) else ()
    findings = [each for each in among if isinstance(each, Mapping)]
    if not findings:
        return
    count = about.facts.get("count")
    rules = Counter(outside(str(each.get("rule")), _WORD) for each in findings)
    shown = [f"{number} x {rule}" for rule, number in rules.most_common(_RULES)]
    more = ["…"] if len(rules) > len(shown) else []
    total = count if isinstance(count, int) else len(findings)
    yield f"{counted(total, 'finding')}: {', '.join((*shown, *more))}"
    for each in findings[: _FINDINGS if detail.joined else 0]:
        path, message = (outside(str(each.get(key)), _MESSAGE) for key in ("path", "message"))
        yield f"{path}: {message}"


def _code(about: About, found: Code | None, detail: Detail) -> list[Block]:
    if found is None:
        return []
    finding = about.facts.get("finding")
    said = finding if isinstance(finding, Mapping) else {}
    words = [said.get(key) for key in ("rule", "message")]
    told = ": ".join(outside(word, _MESSAGE) for word in words if isinstance(word, str) and word)
    place = f"*{outside(found.path, _PATH)}:{found.line}*"
    most = LINES_SHOWN if detail.joined else _LINES_LEAST
    lines = enumerate(found.excerpt[:most], start=found.line)
    numbered = [f"{number:>5}  {line.expandtabs(4)}" for number, line in lines]
    return code(f"{place} {told}".rstrip(), numbered)
