"""Where a name stands, and how it is known from there."""

import pytest

from tests.check.python.reading import training, uses

CASES = {
    "in the call": (
        """
        from datasets import load_dataset
        load_dataset("imdb")
        """,
        ["dataset imdb literal :2"],
    ),
    "by an alias of the function": (
        """
        from datasets import load_dataset as ld
        ld("imdb")
        """,
        ["dataset imdb literal :2"],
    ),
    "by an alias of the module": (
        """
        import datasets as d
        d.load_dataset("imdb")
        """,
        ["dataset imdb literal :2"],
    ),
    "by another name of the function": (
        """
        import datasets
        load = datasets.load_dataset
        load(path="imdb")
        """,
        ["dataset imdb literal :3"],
    ),
    "by an import of everything": (
        """
        from datasets import *
        load_dataset("imdb")
        """,
        ["dataset imdb literal :2"],
    ),
    "by an import inside of the function": (
        """
        def main():
            from datasets import load_dataset
            load_dataset("imdb")
        main()
        """,
        ["dataset imdb literal :3"],
    ),
    "a function of the same name is another": (
        """
        def load_dataset(name): ...
        load_dataset("imdb")
        """,
        [],
    ),
    "a constant of the module": (
        """
        import datasets
        NAME = "imdb"
        def main():
            datasets.load_dataset(NAME)
        main()
        """,
        ["dataset imdb constant :2"],
    ),
    "one of several assigned at once": (
        """
        import datasets
        BASE, NAME = "org/base", "imdb"
        datasets.load_dataset(NAME)
        """,
        ["dataset imdb constant :2"],
    ),
    "a constant of a class": (
        """
        import datasets
        class Settings:
            name = "imdb"
        datasets.load_dataset(Settings.name)
        datasets.load_dataset(Settings().name)
        """,
        ["dataset imdb constant :3"],
    ),
    "what an object keeps": (
        """
        import datasets
        class Run:
            def __init__(self):
                self.name = "imdb"
            def load(self):
                return datasets.load_dataset(self.name)
        Run().load()
        """,
        ["dataset imdb constant :4"],
    ),
    "a constant by way of another": (
        """
        import datasets
        FIRST = "imdb"
        NAME = FIRST
        datasets.load_dataset(NAME)
        """,
        ["dataset imdb constant :2"],
    ),
    "an item of a mapping": (
        """
        import datasets
        CONFIG = {"data": {"name": "imdb"}, "other": "squad"}
        datasets.load_dataset(CONFIG["data"]["name"])
        """,
        ["dataset imdb constant :2"],
    ),
    "an item that was set by itself": (
        """
        import datasets
        config = {}
        config["name"] = "imdb"
        datasets.load_dataset(config["name"])
        """,
        ["dataset imdb constant :3"],
    ),
    "any item, where the key isn't known": (
        """
        import datasets, sys
        NAMES = {"a": "imdb", "b": "squad"}
        datasets.load_dataset(NAMES[sys.argv[1]])
        """,
        ["dataset imdb constant :2 +branch", "dataset squad constant :2 +branch"],
    ),
    "each of a loop": (
        """
        import datasets
        for name in ["imdb", "squad"]:
            datasets.load_dataset(name)
        """,
        ["dataset imdb constant :2", "dataset squad constant :2"],
    ),
    "each of a comprehension": (
        """
        import datasets
        NAMES = ("imdb", "squad")
        sets = [datasets.load_dataset(name) for name in NAMES]
        """,
        ["dataset imdb constant :2", "dataset squad constant :2"],
    ),
    "each value of a mapping": (
        """
        import datasets
        for key, name in {"a": "imdb"}.items():
            datasets.load_dataset(name)
        """,
        ["dataset imdb constant :2"],
    ),
    "both arms of a condition": (
        """
        import datasets, sys
        if sys.argv:
            name = "imdb"
        else:
            name = "squad"
        datasets.load_dataset(name)
        """,
        ["dataset imdb constant :3 +branch", "dataset squad constant :5 +branch"],
    ),
    "both sides of a conditional expression": (
        """
        import datasets, sys
        datasets.load_dataset("imdb" if sys.argv else "squad")
        """,
        ["dataset imdb literal :2 +branch", "dataset squad literal :2 +branch"],
    ),
    "a call in one of several arms": (
        """
        import datasets, sys
        if sys.argv:
            datasets.load_dataset("imdb")
        else:
            datasets.load_dataset("squad")
        """,
        ["dataset imdb literal :3 +branch", "dataset squad literal :5 +branch"],
    ),
    "a name bound twice means the last before it is used": (
        """
        import datasets
        name = "imdb"
        datasets.load_dataset(name)
        name = "squad"
        datasets.load_dataset(name)
        """,
        ["dataset imdb constant :2", "dataset squad constant :4"],
    ),
    "a name bound twice and used in a function means either": (
        """
        import datasets
        name = "imdb"
        name = "squad"
        def load():
            datasets.load_dataset(name)
        load()
        """,
        ["dataset imdb constant :2 +branch", "dataset squad constant :3 +branch"],
    ),
    "a name that is bound anew in its own terms": (
        """
        import datasets
        name = "imdb"
        name = name.upper()
        datasets.load_dataset(name)
        """,
        ["dataset IMDB constant :3 +derived"],
    ),
    "a formatted text": (
        """
        import datasets
        ORG = "acme"
        datasets.load_dataset(f"{ORG}/imdb-{2}")
        """,
        ["dataset acme/imdb-2 constant :3 +derived"],
    ),
    "texts by format, percent and sum": (
        """
        import datasets
        ORG = "acme"
        datasets.load_dataset("{}/a".format(ORG))
        datasets.load_dataset("%s/b" % ORG)
        datasets.load_dataset(ORG + "/c")
        """,
        [
            "dataset acme/a constant :3 +derived",
            "dataset acme/b constant :4 +derived",
            "dataset acme/c constant :5 +derived",
        ],
    ),
    "texts that are joined": (
        """
        import datasets
        ORG = "acme"
        datasets.load_dataset("/".join([ORG, "imdb"]))
        """,
        ["dataset acme/imdb constant :3 +derived"],
    ),
    "paths": (
        """
        import os
        from pathlib import Path
        import pandas as pd
        ROOT = "data"
        pd.read_csv(os.path.join(ROOT, "a.csv"))
        pd.read_csv(Path(ROOT) / "b.csv")
        """,
        ["dataset data/a.csv constant :5 +derived", "dataset data/b.csv constant :6 +derived"],
    ),
    "the last part of a name": (
        """
        from transformers import AutoModel
        MODEL = "org/base"
        model = AutoModel.from_pretrained(MODEL)
        model.save_pretrained(MODEL.split("/")[-1] + "-tuned")
        """,
        [
            "export base-tuned constant :4 ->file +derived",
            "model org/base constant :2",
        ],
    ),
    "a text of which a part is unknown is unknown": (
        """
        import datasets, time
        datasets.load_dataset(f"imdb-{time.time()}")
        """,
        ["dataset ? unknown :2 +derived"],
    ),
    "a width in a format is passed over": (
        """
        import datasets
        datasets.load_dataset("{:>999999999}".format("a"))
        datasets.load_dataset("%999999999s" % "b")
        """,
        ["dataset a constant :2 +derived", "dataset b constant :3 +derived"],
    ),
    "what a function is called with": (
        """
        import datasets
        def load(name, split="train"):
            return datasets.load_dataset(name, split=split)
        load("imdb")
        load(name="squad")
        """,
        ["dataset imdb literal :4", "dataset squad literal :5"],
    ),
    "what goes through two functions": (
        """
        import datasets
        def load(name):
            return datasets.load_dataset(name)
        def main(data):
            load(data)
        main("imdb")
        """,
        ["dataset imdb literal :6"],
    ),
    "what a method is called with": (
        """
        import datasets
        class Run:
            def load(self, name):
                return datasets.load_dataset(name)
        Run().load("imdb")
        """,
        ["dataset imdb literal :5"],
    ),
    "what spawned processes are given": (
        """
        import datasets
        import torch.multiprocessing as mp
        def work(rank, name):
            datasets.load_dataset(name)
        mp.spawn(work, args=("imdb",), nprocs=2)
        """,
        ["dataset imdb literal :5"],
    ),
    "what is called later": (
        """
        import datasets
        from functools import partial
        from threading import Thread
        def work(name):
            datasets.load_dataset(name)
        Thread(target=work, args=("imdb",)).start()
        load = partial(datasets.load_dataset, "squad")
        """,
        ["dataset imdb literal :6", "dataset squad literal :7"],
    ),
    "a name of the module that a function binds": (
        """
        import argparse, datasets
        def main():
            global args
            parser = argparse.ArgumentParser()
            parser.add_argument("--data", default="imdb")
            args = parser.parse_args()
            load()
        def load():
            datasets.load_dataset(args.data)
        main()
        """,
        ["dataset imdb default :5"],
    ),
    "a member of an enumeration": (
        """
        import datasets
        from enum import Enum
        class Data(Enum):
            REVIEWS = "imdb"
        datasets.load_dataset(Data.REVIEWS.value)
        """,
        ["dataset imdb constant :4"],
    ),
    "what is handed over as a whole": (
        """
        import datasets
        from acme import these
        datasets.load_dataset(*these)
        """,
        ["dataset ? unknown :3"],
    ),
    "the default of a parameter": (
        """
        import datasets
        def load(name="imdb"):
            return datasets.load_dataset(name)
        load()
        """,
        ["dataset imdb default :2"],
    ),
    "None is no default": (
        """
        import datasets
        def load(name=None):
            return datasets.load_dataset(name)
        load()
        """,
        ["dataset ? unknown :3"],
    ),
    "what a function returns": (
        """
        import datasets
        def name():
            return "imdb"
        datasets.load_dataset(name())
        """,
        ["dataset imdb literal :3"],
    ),
    "the environment": (
        """
        import os, datasets
        datasets.load_dataset(os.environ["DATA"])
        datasets.load_dataset(os.environ.get("DATA", "imdb"))
        datasets.load_dataset(os.getenv("DATA"))
        """,
        ["dataset ? unknown :2", "dataset imdb default :3"],
    ),
    "what another module says": (
        """
        import datasets
        from acme.settings import NAME
        datasets.load_dataset(NAME)
        """,
        ["dataset ? unknown :3"],
    ),
    "a name that means itself": (
        """
        import datasets
        name = name
        def f(x): return f(x)
        datasets.load_dataset(name)
        datasets.load_dataset(f(1))
        """,
        ["dataset ? unknown :4"],
    ),
}


@pytest.mark.parametrize(("source", "expected"), CASES.values(), ids=CASES)
def test_a_name_is_known_from_where_it_stands(source: str, expected: list[str]) -> None:
    assert uses(source) == expected


def test_a_name_stands_in_characters_not_in_bytes() -> None:
    (use,) = training('import datasets\nß = "ä"; datasets.load_dataset("imdb")').uses
    assert (use.span.column, use.span.end_column) == (32, 38)
