"""Training and data that stand in another module of the tree than the script that starts them."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.check.inventory import as_json
from bot.check.known import KnownCalls
from bot.check.scan import scan
from tests.check.declared import Project, block

LIBRARY = """\
from datasets import load_dataset
from transformers import AutoModel, Trainer

def fit(name="acme/tickets"):
    data = load_dataset(name)
    trainer = Trainer(AutoModel.from_pretrained("acme/encoder"), train_dataset=data)
    trainer.train()

class Fitter:
    def __init__(self, base):
        self.model = AutoModel.from_pretrained(base)

    def run(self):
        Trainer(self.model).train()

def other():
    return load_dataset("acme/other")
"""
STARTED = {
    "by its name": "from lib import fit\nfit()\n",
    "by another name": "from lib import fit as go\nif __name__ == '__main__':\n    go()\n",
    "by the module's name": "import lib\nlib.fit()\n",
    "by another name of the module": "import lib as l\nresult = l.fit()\n",
    "in a function": "import lib\ndef start():\n    lib.fit()\nstart()\n",
    "in a main function": "import lib\ndef main():\n    lib.fit()\n",
    "by a text": "import lib\ngetattr(lib, 'fit')()\n",
    "in a package that passes it on": "from pack import fit\nfit()\n",
    "in a package that passes all of it on": "from pack.all import fit\nfit()\n",
    "by way of a third": "from third import begin\nbegin()\n",
}


def told(root: Path, path: str = "go.py") -> dict[str, Any]:
    files = as_json(scan([root], root, KnownCalls.with_own(())))["files"]
    return next(each for each in files if each["path"] == path)


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize("script", STARTED.values(), ids=STARTED)
def test_a_script_trains_that_calls_what_trains_elsewhere(tmp_path: Path, script: str) -> None:
    write(tmp_path, lib=LIBRARY, go=script, third="import lib\ndef begin():\n    lib.fit()\n")
    write(tmp_path, pack__all="from lib import *\n")
    (tmp_path / "pack" / "__init__.py").write_text("from .all import fit\n")
    done = told(tmp_path)
    assert done["trains"]
    dataset = {"name": "acme/tickets", "how": "default", "in": "lib.py:4"}
    assert dataset.items() <= done["datasets"][0].items()
    assert [each["name"] for each in done["datasets"]] == ["acme/tickets"]
    assert not told(tmp_path, "lib.py")["trains"]


NOT_STARTED = {
    "only imported": "from lib import fit\n",
    "another function": "from lib import other\nother()\n",
    "a function of the same name": "import lib\ndef fit():\n    pass\nfit()\n",
    "a library": "import fit\nfit.lib()\n",
    "a class that only loads": "from lib import Fitter\nFitter('acme/encoder')\n",
}


@pytest.mark.parametrize("script", NOT_STARTED.values(), ids=NOT_STARTED)
def test_a_script_that_calls_nothing_that_trains_does_not(tmp_path: Path, script: str) -> None:
    guard = "if __name__ == '__main__':\n    fit()\n"
    write(tmp_path, lib=LIBRARY + guard, go=script)
    assert not told(tmp_path)["trains"]


def test_what_a_call_hands_over_stands_where_it_is_handed_over(tmp_path: Path) -> None:
    write(tmp_path, lib=LIBRARY, go="from lib import fit\n\nfit(\n    name='acme/clicks',\n)\n")
    assert told(tmp_path)["datasets"] == [
        {"name": "acme/clicks", "line": 4, "how": "literal", "by": "datasets.load_dataset"}
    ]


def test_a_class_is_handed_what_its_methods_use(tmp_path: Path) -> None:
    script = "from lib import Fitter\nfitter = Fitter('acme/base')\nfitter.run()\n"
    write(tmp_path, lib=LIBRARY, go=script)
    done = told(tmp_path)
    assert done["trains"]
    assert [each["name"] for each in done["models"]] == ["acme/base"]


def test_modules_that_call_each_other_come_to_an_end(tmp_path: Path) -> None:
    one = "import two\ndef fit():\n    two.fit()\nfit()\n"
    write(tmp_path, one=one, two=one.replace("two", "one"))
    assert not told(tmp_path, "one.py")["trains"]


def test_a_loader_beside_a_script_is_compared_with_what_it_declares(project: Project) -> None:
    loader = (
        "from datasets import load_dataset\ndef load():\n    return load_dataset('acme/tickets')\n"
    )
    script = "from data import load\nfrom transformers import Trainer\nTrainer(load()).train()\n"
    project.write("data.py", loader)
    project.write("train.py", block(base_model=None) + script)
    (found,) = (each for each in project.found() if each["rule"] == "dataset-mismatch")
    assert (found["path"], found["line"]) == ("train.py", 9)
    assert found["found"] == "acme/tickets (pseudonymous, literal in data.py)"
    project.write("data.py", loader.replace("tickets", "clicks"))
    assert project.rules() == []


def test_a_constant_of_another_module_is_known(project: Project) -> None:
    project.write("settings.py", "DATASET = 'acme/clicks'\n")
    script = (
        "import settings\nfrom datasets import load_dataset\nfrom transformers import Trainer\n"
        "Trainer(load_dataset(settings.DATASET)).train()\n"
    )
    project.write("train.py", block(base_model=None) + script)
    assert project.rules() == []
    project.write("settings.py", "import os\nDATASET = os.environ['DATASET']\n")
    assert project.rules() == ["not-known"]


def test_a_module_that_is_called_like_a_library_is_not_the_library(project: Project) -> None:
    project.write("datasets.py", "def load_dataset(name):\n    return read(name)\n")
    script = (
        "from datasets import load_dataset\nfrom transformers import Trainer\n"
        "Trainer(load_dataset('acme/clicks')).train()\n"
    )
    project.write("train.py", block(base_model=None) + script)
    (found,) = project.found()
    assert found["rule"] == "not-known"
    assert "no call that is known uses one" in found["message"]


def test_what_is_handed_on_is_settled_by_the_real_command(project: Project) -> None:
    project.write("lib.py", LIBRARY)
    script = (
        "import argparse\nimport lib\nparser = argparse.ArgumentParser()\n"
        "parser.add_argument('--data')\nargs = parser.parse_args()\nlib.fit(args.data)\n"
    )
    project.write("train.py", block(dataset="from arguments") + script)
    assert project.rules() == []
    run = project.run(
        "--offline", "--format", "json", "--", "python", "train.py", "--data", "acme/tickets"
    )
    assert run.exit_code == 1
    assert [each["found"] for each in json.loads(run.stdout)["findings"]] == [
        "acme/tickets (pseudonymous, launch in the command)"
    ]


def test_modules_that_all_import_each_other_are_followed_a_few_times(tmp_path: Path) -> None:
    """Each way through them would be billions."""
    names = [f"part_{number}" for number in range(60)]
    for name in names:
        others = "".join(f"import {other}\n" for other in names if other != name)
        calls = "".join(f"    {other}.go()\n" for other in names if other != name)
        write(tmp_path, **{name: f"{others}from datasets import load_dataset\ndef go():\n{calls}"})
    write(tmp_path, lib=LIBRARY, go="import lib, part_0\npart_0.go()\nlib.fit()\n")
    assert told(tmp_path)["trains"]


def test_the_nearest_modules_are_followed_first(tmp_path: Path) -> None:
    """However many others there are, and by whatever longer way they lead there."""
    helpers = [f"helper_{number}" for number in range(60)]
    for name in helpers:
        text = "import z\nfrom datasets import load_dataset\nload_dataset('a/b')\n"
        write(tmp_path, **{name: text})
    write(tmp_path, many="".join(f"import {name}\n" for name in helpers))
    write(tmp_path, a="import b\n", b="import c\n", c="import z\n", z="import y\n")
    write(tmp_path, y="from datasets import load_dataset\ndata = load_dataset('acme/far')\n")
    write(tmp_path, lib=LIBRARY, go="import many, a, z, lib\nlib.fit()\n")
    assert {"acme/far", "acme/tickets"} <= {each["name"] for each in told(tmp_path)["datasets"]}


def test_modules_that_pass_on_all_of_each_other_are_looked_at_once(tmp_path: Path) -> None:
    names = [f"part_{number}" for number in range(40)]
    for name in names:
        stars = "".join(f"from {other} import *\n" for other in names if other != name)
        write(tmp_path, **{name: stars})
    write(
        tmp_path, lib=LIBRARY, go="from part_0 import nothing\nimport lib\nnothing()\nlib.fit()\n"
    )
    assert told(tmp_path)["trains"]
