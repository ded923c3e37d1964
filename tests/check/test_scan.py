"""A tree, read: whatever lies in it, on one core or several, with what commands hand on."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from bot.check.known import KnownCalls, packaged
from bot.check.python.read import read_python
from bot.check.scan import Scan, scan
from bot.check.uses import FileReading, How, Kind

NOBODY = 65534
KNOWN = KnownCalls.with_own(())
TRAIN = """\
from datasets import load_dataset
from transformers import AutoModelForCausalLM, Trainer
data = load_dataset("acme/tickets")
model = AutoModelForCausalLM.from_pretrained("acme/base")
trainer = Trainer(model, train_dataset=data)
trainer.train()
"""
ARGUMENTS = TRAIN.replace('"acme/tickets"', "given.dataset_name").replace(
    "data =",
    "import argparse\nparser = argparse.ArgumentParser()\n"
    'parser.add_argument("--dataset_name")\ngiven = parser.parse_args()\ndata =',
)


def _write(root: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def _scan(root: Path, **files: str | bytes) -> Scan:
    _write(
        root, {name.replace("__", "/").replace("_dot_", "."): text for name, text in files.items()}
    )
    return scan([root], root, KNOWN)


def _of(scanned: Scan, path: str) -> FileReading:
    return next(reading for reading in scanned.readings if reading.path == path)


def _names(reading: FileReading, kind: Kind = Kind.DATASET) -> set[tuple[str | None, How]]:
    return {(use.name, use.how) for use in reading.uses if use.kind is kind}


def _notebook(text: str) -> str:
    cell = {"cell_type": "code", "source": text.splitlines(keepends=True)}
    return json.dumps({"cells": [cell]})


HARD: dict[str, str | bytes] = {
    "brackets.py": "train(" + "(" * 1_000_000,
    "minus.py": "train(" + "-" * 1_000_000 + "1)",
    "dots.py": "train(a" + ".b" * 300_000 + ")",
    "brackets.yaml": "epochs: 1\nmodel: " + "[" * 999_000,
    "brackets.ipynb": '{"cells": [], "train(": ' + "[" * 1_000_000,
    "latin.py": "# train()\nname = 'é'\n".encode("latin-1"),
    "cookie.py": f"# -*- coding: latin-1 -*-\n# é\n{TRAIN}".encode("latin-1"),
    "strange.py": "# -*- coding: klingon -*-\ntrain()\n",
    "rot.py": "# coding: rot13\ntrain()\n",
    "puny.py": "# coding: punycode\n" + "train()" * 600_000,
    "nul.py": b"train()\0",
    "empty.py": "",
    "empty.ipynb": "",
    "empty.yaml": "",
    "bom.py": b"\xef\xbb\xbf" + TRAIN.encode(),
    "binary.sh": bytes(range(256)) * 4 + b"python train.py",
    "nothing.ipynb": '{"metadata": "train("}',
    "one.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": TRAIN}]}),
    "lines.ipynb": _notebook(TRAIN),
    "broken.ipynb": '{"cells": ["train(',
    "python2.py": f"{TRAIN}print 'done'\n",
}
UNREADABLE = {
    *("brackets.py", "minus.py", "brackets.ipynb", "latin.py", "strange.py", "nul.py"),
    *("binary.sh", "broken.ipynb", "python2.py", "rot.py", "puny.py"),
}


@pytest.fixture(scope="module", params=[1, 2])
def hard(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Scan:
    root = tmp_path_factory.mktemp("hard")
    _write(root, HARD)
    with (root / "big.py").open("wb") as file:
        file.truncate(50_000_000)
    os.mkfifo(root / "pipe.py")
    (root / "loop").symlink_to(root)
    return scan([root], root, KNOWN, processes=request.param)


def test_what_cant_be_read_says_why_and_where(hard: Scan) -> None:
    unreadable = {each.path: each.unreadable for each in hard.readings if each.unreadable}
    assert set(unreadable) - {"dots.py"} == UNREADABLE
    assert all(each.why and each.span.line >= 1 for each in unreadable.values())
    latin, nul = unreadable["latin.py"], unreadable["nul.py"]
    assert (latin.span.line, latin.span.column) == (2, 9)
    assert (nul.span.line, nul.span.column) == (1, 8)


def test_what_can_be_read_is_read_in_its_own_encoding_and_form(hard: Scan) -> None:
    assert {each.path for each in hard.readings if each.trains} == {
        *("bom.py", "cookie.py", "lines.ipynb", "one.ipynb"),
    }
    for path in ("bom.py", "cookie.py", "lines.ipynb", "one.ipynb"):
        assert _names(_of(hard, path)) == {("acme/tickets", How.LITERAL)}


def test_what_is_not_looked_at_is_told(hard: Scan) -> None:
    assert hard.skipped == (
        ("big.py", "larger than 5 MB"),
        ("brackets.yaml", "found more than 64 levels, need fewer, in line 2"),
        ("loop", "a link, which is not followed"),
        ("pipe.py", "no plain file"),
    )
    assert hard.seen == len(HARD) - 1


def test_what_may_not_be_read_is_told() -> None:
    """Root may read everything: it becomes nobody for this."""
    context = multiprocessing.get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    with TemporaryDirectory() as place:
        root = Path(place)
        root.chmod(0o755)
        (root / "shut").mkdir()
        _write(root, {"train.py": TRAIN})
        for name in ("shut", "train.py"):
            (root / name).chmod(0)

        def read() -> None:
            if os.geteuid() == 0:
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            sending.send(scan([root], root, KNOWN).skipped)

        process = context.Process(target=read)
        process.start()
        process.join(60)
        (root / "shut").chmod(0o755)
    assert receiving.poll(0)
    why = "can't be read (Permission denied)"
    assert receiving.recv() == (("shut", why), ("train.py", why))


def _many(root: Path, count: int = 40) -> None:
    _write(root, {f"train_{number:02}.py": TRAIN for number in range(count)})


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_several_processes_read_as_one_does(tmp_path: Path, method: str) -> None:
    _many(tmp_path)
    alone = scan([tmp_path], tmp_path, KNOWN, processes=1)
    context = multiprocessing.get_context(method)
    together = scan([tmp_path], tmp_path, KNOWN, processes=3, context=context)
    assert together == alone
    assert [each.path for each in together.readings] == sorted(
        path.name for path in tmp_path.iterdir()
    )


@pytest.mark.parametrize(
    ("ends", "why"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "ended the process that read it, with -9"),
        (signal.pause, "takes longer than 2 s to be read"),
    ],
    ids=["it dies", "it doesn't end"],
)
def test_a_process_that_reads_no_further_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: Callable[[], None], why: str
) -> None:
    _many(tmp_path)
    (tmp_path / "train_07.py").write_text(f"{TRAIN}last = 1\n")

    def stopped(path: str, text: str, *rest: Any) -> FileReading:  # noqa: ANN401 - handed on
        if "last" in text:
            ends()
        return read_python(path, text, *rest)

    monkeypatch.setattr("bot.check.reading.read_python", stopped)
    monkeypatch.setattr("bot.check.scan._MOST_SECONDS", 2.0)
    context = multiprocessing.get_context("fork")
    scanned = scan([tmp_path], tmp_path, KNOWN, processes=2, context=context)
    unreadable = {each.path: each.unreadable.why for each in scanned.readings if each.unreadable}
    assert unreadable == {"train_07.py": why}
    assert sum(each.trains for each in scanned.readings) == 39


def test_ctrl_c_ends_all_processes(tmp_path: Path) -> None:
    _many(tmp_path, 400)
    program = (
        "import sys, pathlib, multiprocessing; from bot.check.scan import scan; "
        "from bot.check.known import KnownCalls; root = pathlib.Path(sys.argv[1]); print('on');\n"
        "sys.stdout.flush()\n"
        "while True: scan([root], root, KnownCalls.with_own(()), processes=2)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)
        # It reads to the end: a process that is left would hold the pipe open.
        _, said = process.communicate(timeout=30)
    assert said.count(b"KeyboardInterrupt") == 1


def test_a_command_elsewhere_gives_a_scripts_options(tmp_path: Path) -> None:
    scanned = _scan(
        tmp_path,
        src__train_dot_py=ARGUMENTS,
        run_dot_sh="cd src\npython train.py --dataset_name acme/forum\n",
        Makefile="a:\n\tpython src/train.py --dataset_name acme/mail\n",
    )
    script = _of(scanned, "src/train.py")
    assert _names(script) == {
        (None, How.UNKNOWN),
        ("acme/forum", How.LAUNCH),
        ("acme/mail", How.LAUNCH),
    }
    assert {use.within for use in script.uses if use.within} == {"run.sh:2", "Makefile:2"}
    for launcher, name in (("run.sh", "acme/forum"), ("Makefile", "acme/mail")):
        assert _of(scanned, launcher).trains
        assert _names(_of(scanned, launcher)) == {(name, How.LAUNCH)}


def test_settings_that_a_command_names_give_a_scripts_options(tmp_path: Path) -> None:
    scanned = _scan(
        tmp_path,
        train_dot_py=ARGUMENTS,
        conf__a_dot_yaml="dataset_name: acme/forum\n",
        run_dot_sh="python train.py --config conf/a.yaml\n",
    )
    uses = [use for use in _of(scanned, "train.py").uses if use.how is How.CONFIG]
    assert [(use.name, use.within) for use in uses] == [("acme/forum", "conf/a.yaml:1")]


@pytest.mark.parametrize(
    ("command", "trains"),
    [
        ("python train.py", True),
        ("python score.py", False),
        ("python -m pkg.train", True),
        ("python elsewhere/finetune.py --dataset_name a/b", True),
        ("python elsewhere/score.py --dataset_name a/b", False),
        ("trl sft --dataset_name a/b", True),
        ("tune run lora_finetune --config x", True),
        ("tune run generate --config x", False),
        ("make train", False),
    ],
)
def test_a_launcher_trains_if_what_it_starts_does(
    tmp_path: Path, command: str, trains: bool
) -> None:
    scanned = _scan(
        tmp_path,
        train_dot_py=TRAIN,
        score_dot_py="print('python train.py')\n",
        pkg__train_dot_py=TRAIN,
        run_dot_sh=f"{command}\n",
    )
    assert _of(scanned, "run.sh").trains is trains


def test_a_command_sets_otherwise_what_a_training_configuration_says(tmp_path: Path) -> None:
    recipe = "model: {path: acme/base}\ndataset: {source: acme/tickets}\nepochs: 1\n"
    scanned = _scan(
        tmp_path,
        recipes__small_dot_yaml=recipe,
        run_dot_sh="tune run lora_finetune --config small dataset.source=acme/forum model.path=$M",
    )
    assert _names(_of(scanned, "recipes/small.yaml")) == {
        ("acme/tickets", How.CONFIG),
        ("acme/forum", How.LAUNCH),
    }
    assert _names(_of(scanned, "run.sh")) == {("acme/forum", How.LAUNCH)}
    assert _names(_of(scanned, "run.sh"), Kind.MODEL) == set()


def test_what_starts_a_launcher_trains_and_hands_nothing_on(tmp_path: Path) -> None:
    scanned = _scan(
        tmp_path,
        src__train_dot_py=ARGUMENTS,
        src__run_dot_sh="python train.py --dataset_name acme/forum\n",
        all_dot_sh="cd src && bash run.sh\n",
        ci_dot_yml="jobs: {a: {steps: [{run: ./all.sh}]}}\n",
        other_dot_sh="./none.sh\n",
    )
    trains = {each.path for each in scanned.readings if each.trains}
    assert trains == {"src/train.py", "src/run.sh", "all.sh", "ci.yml"}
    assert _of(scanned, "ci.yml").uses == ()


@pytest.mark.parametrize(
    "file",
    [
        "/shared/repo/src/train.py",
        "$REPO/src/train.py",
        "`pwd`/src/train.py",
        "${1:-src/train.py}",
        "repo/src/train.py",
        "-m src.train",
    ],
)
def test_a_script_is_found_from_wherever_it_is_named(tmp_path: Path, file: str) -> None:
    scanned = _scan(
        tmp_path,
        src__train_dot_py=ARGUMENTS,
        run_dot_sh=f"torchrun {file} --dataset_name acme/forum\n",
    )
    assert ("acme/forum", How.LAUNCH) in _names(_of(scanned, "src/train.py"))


def test_what_a_script_shows_of_another_gives_it_nothing(tmp_path: Path) -> None:
    scanned = _scan(
        tmp_path,
        train_dot_py=ARGUMENTS,
        other_dot_py=f'"""First:\n\npython train.py --dataset_name acme/forum\n"""\n{TRAIN}',
    )
    assert _names(_of(scanned, "train.py")) == {(None, How.UNKNOWN)}


def test_a_name_that_several_scripts_have_is_given_to_none(tmp_path: Path) -> None:
    scanned = _scan(
        tmp_path,
        a__main_dot_py=ARGUMENTS,
        b__main_dot_py=ARGUMENTS,
        ci__run_dot_sh="start() { cd $1 && python main.py --dataset_name acme/forum; }\n",
    )
    assert _of(scanned, "ci/run.sh").trains
    assert _names(_of(scanned, "ci/run.sh")) == {("acme/forum", How.LAUNCH)}
    assert _names(_of(scanned, "a/main.py")) == {(None, How.UNKNOWN)}


@pytest.mark.parametrize(
    "folder",
    [Path(__file__).parents[2] / "bot", Path(sysconfig.get_path("stdlib"))],
    ids=["the bot", "Python's library"],
)
def test_code_that_doesnt_train_finds_nothing(folder: Path) -> None:
    """What the bot's own code says of training is words."""
    scanned = scan([folder], folder, KNOWN)
    assert scanned.seen > 400
    assert [each.path for each in scanned.readings if each.trains or each.unreadable] == []


def test_an_encoding_that_python_does_not_know_hides_nothing(tmp_path: Path) -> None:
    """Python runs no such file; in Python's own tests there are some, and they don't train."""
    scanned = _scan(
        tmp_path,
        misspelt_dot_py="# -*- coding: uft-8 -*-\n",
        binary_dot_py="# coding: rot13\ncevag(1)\n",
        trains_dot_py="# coding: uft-8\ntrainer.train()\n",
    )
    assert [each.path for each in scanned.readings if each.unreadable] == ["trains.py"]


def test_a_process_that_may_begin_no_others_reads_by_itself(tmp_path: Path) -> None:
    _many(tmp_path)
    context = multiprocessing.get_context("fork")
    process = context.Process(target=scan, args=([tmp_path], tmp_path, KNOWN), daemon=True)
    process.start()
    process.join(60)
    assert process.exitcode == 0


@pytest.mark.parametrize(
    "text",
    [
        "trainer = 1\nloss = 1\ntrainer.\uff54rain()\n",
        "# coding: utf-7\ntrainer = 1\ntrainer.+AHQ-rain()\n",
        "#!/usr/bin/env python\n# coding=unicode_escape\ntrainer = 1\ntrainer.\\x74rain()\n",
    ],
)
def test_letters_that_python_takes_for_others_hide_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "train.py").write_text(text)
    (reading,) = scan((tmp_path,), tmp_path, packaged()).readings
    assert reading.trains
