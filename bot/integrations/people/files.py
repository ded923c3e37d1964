"""What a file holds and what a command prints, whole or not at all.

Rules
- A command runs without a shell, in the configuration's folder, with nothing on standard input; it
  has a time and an amount of output that it may take, and is ended with all that it started.
- What it says on standard error is told to whoever runs the import by hand, and is kept nowhere.
"""

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress

from bot.policies.imported import Imported, ImportFailedError, read
from bot.policies.imports import CommandImport, CsvImport

BYTES_MOST = 16 * 1024 * 1024
COMMAND_SECONDS = 120.0
END_SECONDS = 5.0
SAID_MOST = 200  # characters of what a command says on standard error
_CHUNK = 65536


def read_csv(source: CsvImport) -> Imported:
    """The people in a file; ImportFailedError."""
    if absence := source.absence:
        raise ImportFailedError(absence)
    try:
        with source.path.open("rb") as file:
            content = file.read(BYTES_MOST + 1)
    except OSError as error:
        found = f"found {source.path}, which can't be read ({error.strerror})"
        message = f"{source.place}: csv: {found}, need a readable file"
        raise ImportFailedError(message) from error
    if len(content) > BYTES_MOST:
        raise ImportFailedError(f"{source.path} has more than {BYTES_MOST >> 20} MiB, need less")
    return read(content, source.path.name)


async def run_command(source: CommandImport, seconds: float = COMMAND_SECONDS) -> Imported:
    """The people whom a command prints; ImportFailedError."""
    program = source.argv[0]
    try:
        process = await asyncio.create_subprocess_exec(
            *source.argv,
            cwd=source.folder,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            start_new_session=True,  # so that whatever it starts can be ended with it
        )
    except (OSError, ValueError) as error:
        message = f"{program} can't be run ({error}), need a program in the path or in the folder"
        raise ImportFailedError(message) from error
    try:
        async with asyncio.timeout(seconds):
            printed, said = await asyncio.gather(_printed(process), _last_said(process))
            code = await process.wait()
    except TimeoutError as error:
        raise ImportFailedError(f"{program} was not done after {seconds:g} s") from error
    finally:
        await _end(process)
    if printed is None:
        raise ImportFailedError(f"{program} printed more than {BYTES_MOST >> 20} MiB, need less")
    if code:
        raise ImportFailedError(f"{program} ended with exit code {code}, need 0", detail=said)
    return await asyncio.to_thread(read, printed, program)


def _kill(process: Process) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


async def _end(process: Process) -> None:
    """End it with all that it started, and see that nothing of it is left."""
    _kill(process)
    # What it has printed last has to be read, or its end isn't noticed. Who left its group and
    # holds its output open is not waited for.
    with suppress(TimeoutError):
        async with asyncio.timeout(END_SECONDS):
            await process.communicate()


async def _printed(process: Process) -> bytes | None:
    """All that it prints; None where that is too much, and it is ended for it."""
    content = bytearray()
    while process.stdout and (chunk := await process.stdout.read(_CHUNK)):
        if len(content) <= BYTES_MOST:
            content += chunk
        else:
            _kill(process)
    return None if len(content) > BYTES_MOST else bytes(content)


async def _last_said(process: Process) -> str:
    """The end of what it says on standard error, of which there may be any amount."""
    end = b""
    while process.stderr and (chunk := await process.stderr.read(_CHUNK)):
        end = (end + chunk)[-SAID_MOST:]
    return end.decode("utf-8", "replace").strip()
