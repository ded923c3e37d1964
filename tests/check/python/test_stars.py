"""Names that a script has by `from … import *`: of a module of the tree, and of a library."""

from pathlib import Path

import pytest

from tests.check.python.test_elsewhere import LIBRARY, told, write

LOADS = "from datasets import load_dataset\nfrom transformers import AutoModel, Trainer\n"
TRAINS = "Trainer(AutoModel.from_pretrained('acme/base'), load_dataset('acme/clicks')).train()\n"
BY_STAR = {
    "in a script": "from lib import *\nfit()\n",
    "behind the guard": "from lib import *\nif __name__ == '__main__':\n    fit()\n",
    "in a function": "from lib import *\ndef start():\n    fit()\nstart()\n",
    "where it can be imported": "try:\n    from lib import *\nexcept OSError:\n    pass\nfit()\n",
    "before others": "from lib import *\nfrom math import *\nfrom other import *\nfit()\n",
    "by way of others": "from third import *\nfit()\n",
    "of a package": "from pack import *\nfit()\n",
    "of a list of names": "from listed import *\nfit()\n",
    "of a list that is computed": "from computed import *\nfit()\n",
}


@pytest.mark.parametrize("script", BY_STAR.values(), ids=BY_STAR)
def test_what_is_called_by_a_star_is_followed(tmp_path: Path, script: str) -> None:
    write(tmp_path, lib=LIBRARY, other="def nothing(): ...\n", go=script)
    write(tmp_path, second="from lib import *\n", third="from second import *\n")
    write(tmp_path, listed=LIBRARY + "__all__ = ['fit']\n")
    write(tmp_path, computed=LIBRARY + "__all__ = ['other']\n__all__ += names()\n")
    write(tmp_path, pack__core=LIBRARY)
    (tmp_path / "pack" / "__init__.py").write_text("from .core import *\n")
    done = told(tmp_path)
    assert done["trains"]
    assert [each["name"] for each in done["datasets"]] == ["acme/tickets"]


def test_a_star_gives_what_a_module_lists_or_what_is_public(tmp_path: Path) -> None:
    write(tmp_path, lib=LIBRARY + "__all__ = ['other']\n", go="from lib import *\nfit()\n")
    assert not told(tmp_path)["trains"]
    private = LIBRARY.replace("def fit", "def _fit")
    write(tmp_path, lib=private, go="from lib import *\n_fit()\n")
    assert not told(tmp_path)["trains"]
    write(tmp_path, lib=private + "__all__ = ['_fit']\n")
    assert told(tmp_path)["trains"]


def test_a_name_of_the_scripts_own_goes_before_a_star(tmp_path: Path) -> None:
    write(tmp_path, lib=LIBRARY, go="from lib import *\ndef fit(): ...\nfit()\n")
    assert not told(tmp_path)["trains"]


LIBRARIES = {
    "of libraries": "from transformers import *\nfrom datasets import *\nfrom math import *\n",
    "of a module that has them": "from common import *\n",
    "of a module that has all of them": "from all import *\n",
    "of modules by way of others": "from more import *\n",
}


@pytest.mark.parametrize("stars", LIBRARIES.values(), ids=LIBRARIES)
def test_what_is_called_of_a_library_is_known_by_a_star(tmp_path: Path, stars: str) -> None:
    write(tmp_path, go=stars + TRAINS, common=LOADS, more="from common import *\n")
    write(tmp_path, all="from transformers import *\nfrom datasets import *\n")
    done = told(tmp_path)
    assert done["trains"]
    assert [each["name"] for each in done["datasets"]] == ["acme/clicks"]
    assert [each["name"] for each in done["models"]] == ["acme/base"]


def test_a_library_that_a_star_gives_is_that_library(tmp_path: Path) -> None:
    script = "from common import *\nxgb.train({}, pd.read_csv('s3://acme/rows.csv'))\n"
    write(tmp_path, go=script, common="import pandas as pd\nimport xgboost as xgb\n")
    done = told(tmp_path)
    assert done["trains"]
    assert [each["name"] for each in done["datasets"]] == ["s3://acme/rows.csv"]


def test_what_learns_does_so_by_a_star_too(tmp_path: Path) -> None:
    write(tmp_path, go="from common import *\nmodel = LogisticRegression()\nmodel.fit(rows, y)\n")
    write(tmp_path, common="from sklearn.linear_model import LogisticRegression\n")
    assert told(tmp_path)["trains"]


def test_of_several_libraries_the_one_counts_whose_call_is_known(tmp_path: Path) -> None:
    stars = "from xgboost import *\nfrom pandas import *\nfrom os.path import *\n"
    write(tmp_path, go=stars + "train({}, read_csv('s3://acme/rows.csv'))\n")
    done = told(tmp_path)
    assert done["trains"]
    assert [each["name"] for each in done["datasets"]] == ["s3://acme/rows.csv"]


def test_a_constant_by_a_star_is_known(tmp_path: Path) -> None:
    script = "from names import *\n" + LOADS + TRAINS.replace("'acme/clicks'", "DATA")
    write(tmp_path, go=script, names="DATA = 'acme/forum'\n")
    (dataset,) = told(tmp_path)["datasets"]
    assert {"name": "acme/forum", "how": "constant", "in": "names.py:1"}.items() <= dataset.items()


def test_a_module_that_is_called_like_a_library_is_followed_by_a_star(tmp_path: Path) -> None:
    loader = "def load_dataset(name):\n    return open(name)\n"
    script = "from datasets import *\nfrom transformers import Trainer\n"
    write(tmp_path, datasets=loader, go=script + "Trainer(load_dataset('acme/clicks')).train()\n")
    done = told(tmp_path)
    assert done["trains"]
    assert done["datasets"] == []
