"""`GET /client/warroom.pyz`: what a pipeline runs, as one file, made of what is installed here.

Rules
- It has every module that its commands import, and needs Python and nothing else: of other packages
  it has those parts that are written in Python, with their licences.
- The same packages make the same bytes: sorted, without times. Whoever pins the digest gets what
  was pinned, or nothing.
- It knows the address of the bot that hands it out, where that has one of its own.
- Nobody needs a token for it: it is fetched before one is shown.
"""

import ast
import asyncio
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from functools import cache
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

import bot
from bot.client.bot import HOME
from bot.http import description
from bot.http.openapi import Described

ROOT = Path(bot.__file__).parents[1]
NAME = "warroom.pyz"
COMMANDS = "bot.cli.client"
PACKAGES = {"click": "click", "yaml": "PyYAML", "dotenv": "python-dotenv"}  # each with its project
SHEBANG = b"#!/usr/bin/env python3\n"
BEGINNING = (1980, 1, 1, 0, 0, 0)  # the first time that an archive can have
READABLE = 0o644 << 16
_PLACE = re.compile(r"(?P<module>bot(?:\.\w+)+):\w+")  # of a command, as its line has it
MAIN = """\
import sys

if __name__ == "__main__":
    if sys.version_info < (3, 11):
        sys.stderr.write("warroom needs Python 3.11 or later, found " + sys.version + "\\n")
        sys.exit(2)
    from bot.cli.client import main

    main(prog_name="warroom")
"""


def routes(address: str) -> list[Described]:
    """The routes of the file and of its digest, for a bot at `address`; made when asked for."""

    @cache
    def made() -> bytes:
        return archive(address)

    async def client(_: Request) -> Response:
        headers = {"Content-Disposition": f'attachment; filename="{NAME}"'}
        content = await asyncio.to_thread(made)
        return Response(content, media_type=description.BYTES, headers=headers)

    async def digest(_: Request) -> Response:
        content = hashlib.sha256(await asyncio.to_thread(made)).hexdigest()
        return Response(f"{content}  {NAME}\n", media_type="text/plain")

    place = f"/client/{NAME}"
    return [
        Described("GET", place, client, "client", description.CLIENT),
        Described("GET", f"{place}.sha256", digest, "client_digest", description.CLIENT_DIGEST),
    ]


def archive(address: str) -> bytes:
    """The file, for a bot at `address`; nothing there means that it has none of its own."""
    files = {"__main__.py": MAIN.encode(), **_ours(), **dict(_others())}
    if address:
        files[f"bot/client/{HOME}"] = address.encode()
    written = io.BytesIO(SHEBANG)
    written.seek(0, io.SEEK_END)
    with zipfile.ZipFile(written, "a", zipfile.ZIP_DEFLATED) as target:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, BEGINNING)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, READABLE
            target.writestr(entry, content)
    return written.getvalue()


def _ours() -> dict[str, bytes]:
    """The files of every module that a command imports, and what lies beside them as data."""
    modules, to_read = set[Path](), [_file(COMMANDS)]
    while to_read:
        path = to_read.pop()
        if path is None or path in modules:
            continue
        modules.add(path)
        to_read += [_file(name) for name in _imported(path)]
    folders = {path.parent for path in modules}
    beside = {
        path
        for folder in folders - {ROOT / "bot"}
        for path in folder.iterdir()
        if path.is_file() and path.suffix not in (".py", ".pyc")
    }
    return {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in modules | beside}


def _imported(path: Path) -> Iterator[str]:
    """The names that a file imports of ours, its packages', and those of commands in it."""
    package = path.relative_to(ROOT).parent.parts
    yield from (".".join(package[:end]) for end in range(1, len(package) + 1))
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and (place := _PLACE.fullmatch(str(node.value))):
            yield place["module"]


def _file(name: str) -> Path | None:
    """The file of a module of ours; None for what is none."""
    if name.partition(".")[0] != "bot":
        return None
    path = ROOT.joinpath(*name.split("."))
    files = (path / "__init__.py", path.with_suffix(".py"))
    return next((each for each in files if each.is_file()), None)


def _others() -> Iterator[tuple[str, bytes]]:
    """The files of the other packages, and under which licences they may be handed on."""
    for package, project in PACKAGES.items():
        spec = find_spec(package)
        for folder in map(Path, (spec and spec.submodule_search_locations) or ()):
            for path in folder.rglob("*.py"):
                yield path.relative_to(folder.parent).as_posix(), path.read_bytes()
        for licence in distribution(project).files or ():
            if "dist-info" in licence.parts[0] and "licen" in str(licence).lower():
                yield licence.as_posix(), licence.read_binary()
