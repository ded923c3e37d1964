"""What reading a model's headers costs: a file of 20 GB, of which nearly all is a hole.

Rules
- The header is that of a large model: two thousand tensors.
- The yardstick is `json.loads` of the same header, next to it.
"""

import json
import struct
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.passport.artifact import artifact
from tests.bench.row import Row
from tests.bench.stock import Stock

BYTES, TENSORS = 20 * 2**30, 2_000
SECONDS_MOST, TIMES = 0.05, 5


async def rows(_: Stock, say: Callable[[str], None]) -> list[Row]:
    """The one."""
    say("headers of a file of 20 GB")
    header = _header()
    with TemporaryDirectory(prefix="warroom-papers-") as folder:
        path = Path(folder) / "model.safetensors"
        with path.open("wb") as out:
            out.write(struct.pack("<Q", len(header)) + header)
            out.truncate(8 + len(header) + BYTES)
        faults = artifact(path).faults
        if faults:
            raise RuntimeError(f"the file is no sound one: {faults[0]}")
        seconds = min(_seconds(lambda: artifact(path)) for _ in range(TIMES))
    raw = min(_seconds(lambda: json.loads(header)) for _ in range(TIMES))
    return [
        Row(
            f"headers of a file of 20 GB, {TENSORS:,} tensors",
            f"{seconds * 1e3:.1f} ms",
            f"{raw * 1e3:.1f} ms for `json.loads` of the same header",
            f"{SECONDS_MOST * 1e3:.0f} ms",
            seconds <= SECONDS_MOST,
        )
    ]


def _header() -> bytes:
    size = BYTES // TENSORS // 4
    tensors = {
        f"model.layers.{number}.weight": {
            "dtype": "F32",
            "shape": [size],
            "data_offsets": [number * size * 4, (number + 1) * size * 4],
        }
        for number in range(TENSORS)
    }
    last = tensors[f"model.layers.{TENSORS - 1}.weight"]
    last["data_offsets"] = [(TENSORS - 1) * size * 4, BYTES]
    last["shape"] = [(BYTES - (TENSORS - 1) * size * 4) // 4]
    text = json.dumps(tensors, separators=(",", ":")).encode()
    return text + b" " * (-len(text) % 8)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
