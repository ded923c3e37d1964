"""The machine that was measured, in so far as it says something: no names, no paths."""

import os
import platform
import re
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
MODEL = re.compile(r"^model name\s*:\s*(.+)$", re.MULTILINE)


def machine() -> str:
    """Cores, processor, kind of disk where it is known, and the version of Python."""
    cores = f"{os.cpu_count()} cores"
    parts = (cores, _processor(), _disk(), f"Python {platform.python_version()}")
    return ", ".join(part for part in parts if part)


def cpu_seconds(pid: int) -> float:
    """The processor time that a process has used, with that of its children that have ended."""
    stat = Path(f"/proc/{pid}/stat").read_text()
    return sum(map(int, stat.rpartition(")")[2].split()[11:15])) / TICKS


def family_cpu_seconds(pid: int) -> float:
    """The same of a process and of all the children that it has now."""
    seconds = cpu_seconds(pid)
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with suppress(FileNotFoundError, ProcessLookupError):  # ended meanwhile
            seconds += cpu_seconds(int(child))
    return seconds


def family_memory(pid: int) -> float:
    """Bytes of a process and its children; 0 where the system doesn't tell."""
    about = Path("/proc") / str(pid)
    try:
        children = (about / "task" / str(pid) / "children").read_text().split()
        lines = (about / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    own = sum(1024.0 * int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return own + sum(family_memory(int(child)) for child in children)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    found = MODEL.search(info.read_text()) if info.exists() else None
    return found[1].strip() if found else platform.machine()


def _disk() -> str:
    """What holds the temporary folder, where every database of the bench lies."""
    device = Path("/tmp").stat().st_dev
    node = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}").resolve()
    for folder in (node, node.parent):
        turns = folder / "queue" / "rotational"
        if turns.exists():
            virtual = folder.name.startswith(("vd", "xvd"))
            kind = "a spinning disk" if turns.read_text().strip() == "1" else "a solid-state disk"
            return "a virtual disk" if virtual else kind
    return ""
