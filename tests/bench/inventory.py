"""What the inventory of a tree costs: a thousand files, a tenth of which train.

Rules
- The files that don't train are of Python's own library, since that is anybody's code.
- The yardstick is the CPU that `ast.parse` takes for the files that train, next to it.
- Memory is that of all processes together; what they share is counted once.
"""

import ast
import resource
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.machine import family_memory
from tests.bench.row import Row
from tests.bench.stock import Stock

FILES, TRAINING = 1_000, 100
SECONDS_MOST, MEMORY_MOST = 3.0, 150e6
TIMES = 3
_COMMAND = "from bot.cli.check_inventory import inventory; inventory()"
_STEP = """\
def prepared_{number}(example, tokenizer, limit={number}):
    \"\"\"One example as the model takes it.\"\"\"
    text = example.get("text", "") + " " + str(example.get("title", ""))
    tokens = tokenizer(text, truncation=True, max_length=limit)
    labels = [token if token != tokenizer.pad_token_id else -100 for token in tokens["input_ids"]]
    return {{"input_ids": tokens["input_ids"], "labels": labels, "length": len(labels)}}


"""
_SCRIPT = """\
import argparse

from datasets import load_dataset
from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, TrainingArguments

BASE = "acme/base-{number}"
{steps}
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dataset_name", default="acme/tickets-{number}")
    parser.add_argument("--output_dir", required=True)
    given = parser.parse_args()
    model = AutoModelForCausalLM.from_pretrained(BASE)
    tokenizer = AutoTokenizer.from_pretrained(BASE)
    data = load_dataset(given.dataset_name, split="train")
    data = data.map(lambda each: prepared_0(each, tokenizer))
    trainer = Trainer(model, TrainingArguments(given.output_dir), train_dataset=data)
    trainer.train()
    trainer.save_model(given.output_dir)
    trainer.push_to_hub("acme/tuned-{number}")


if __name__ == "__main__":
    main()
"""


async def rows(stock: Stock, say: Callable[[str], None]) -> list[Row]:
    """Both; nothing of the stock is needed."""
    del stock
    with TemporaryDirectory() as place:
        tree = Path(place)
        say(f"an inventory of {FILES:,} files")
        texts = _written(tree)
        measured = [_run(tree) for _ in range(TIMES)]
        seconds = min(took for took, _, _ in measured)
        cpu = min(busy for _, busy, _ in measured)
        memory = max(most for _, _, most in measured)
        raw = min(_parsed(texts) for _ in range(TIMES))
    return [
        Row(
            f"an inventory of {FILES:,} files, {TRAINING} of which train",
            f"{seconds:.2f} s, {cpu:.2f} s of CPU",
            f"{raw:.2f} s for `ast.parse` of those, the CPU {cpu / raw:.1f} times that",
            f"under {SECONDS_MOST:.0f} s",
            seconds < SECONDS_MOST,
        ),
        Row(
            "memory of it, all processes",
            f"{memory / 1e6:.0f} MB",
            "",
            f"under {MEMORY_MOST / 1e6:.0f} MB",
            memory < MEMORY_MOST if memory else None,
        ),
    ]


def _written(tree: Path) -> list[str]:
    """Writes the tree; gives the texts of the files that train."""
    library = sorted(Path(sysconfig.get_path("stdlib")).rglob("*.py"))
    others = cycle(path for path in library if "site-packages" not in path.parts)
    for number, path in enumerate(islice(others, FILES - TRAINING)):
        (tree / f"plain_{number}.py").write_bytes(path.read_bytes())
    steps = "\n" + "\n\n".join(_STEP.format(number=number).strip() for number in range(20)) + "\n\n"
    texts = [_SCRIPT.format(number=number, steps=steps) for number in range(TRAINING)]
    for number, text in enumerate(texts):
        (tree / f"train_{number}.py").write_text(text)
    return texts


def _run(tree: Path) -> tuple[float, float, float]:
    """Seconds from the command's start to its end, those of CPU, and the most memory meanwhile."""
    began, before = time.perf_counter(), _busy()
    with subprocess.Popen(
        [sys.executable, "-c", _COMMAND, str(tree), "--format", "json"],
        stdout=subprocess.DEVNULL,
    ) as process:
        most = 0.0
        while process.poll() is None:
            most = max(most, family_memory(process.pid))
            time.sleep(0.02)
    if process.returncode:
        raise RuntimeError(f"the inventory ended with {process.returncode}")
    return time.perf_counter() - began, _busy() - before, most


def _busy() -> float:
    """Seconds of CPU that ended children have taken, with theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _parsed(texts: list[str]) -> float:
    began = time.process_time()
    for text in texts:
        ast.parse(text)
    return time.process_time() - began
