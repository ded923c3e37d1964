"""What trains, and what only looks like it."""

import sys
from pathlib import Path

import pytest

from bot.check.configs import SettingsFiles
from bot.check.known import KnownCalls, packaged
from bot.check.python.read import read_python
from tests.check.python.reading import read

STEP = """
import torch
def step(model, optimizer, loss):
    loss.backward()
    optimizer.step()
"""
TRAINING = {
    "a trainer in a script": """
        from transformers import Trainer
        trainer = Trainer()
        trainer.train()
        """,
    "a trainer that another module makes": """
        from acme import make
        trainer = make()
        trainer.train()
        """,
    "a trainer behind the guard": """
        from trl import SFTTrainer
        def main():
            SFTTrainer().train()
        if __name__ == "__main__":
            main()
        """,
    "a main function, which another file or a package's entry point starts": """
        from trl import SFTTrainer
        def main():
            SFTTrainer().train()
        """,
    "a loop of one's own": STEP + "step(1, 2, 3)\n",
    "a loop in a method": """
        class Run:
            def train(self):
                self.loss.backward()
                self._optimizer.step()
        if __name__ == "__main__":
            run = Run()
            run.train()
        """,
    "a step that is a closure": """
        def main(loss, optimizer):
            def closure():
                loss.backward()
                return loss
            optimizer.step(closure)
        main(1, 2)
        """,
    "with accelerate": """
        from accelerate import Accelerator
        accelerator = Accelerator()
        accelerator.backward(loss)
        optimizer.step()
        """,
    "with a scaler": """
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        """,
    "with deepspeed": """
        engine.backward(loss)
        engine.step()
        """,
    "by hand": """
        import torch
        loss.backward()
        for parameter in model.parameters():
            parameter.data.add_(-0.1 * parameter.grad)
        """,
    "by hand, in place": """
        import torch
        loss.backward()
        with torch.no_grad():
            weights -= 0.1 * weights.grad
        """,
    "a fit": """
        from sklearn.linear_model import LogisticRegression
        LogisticRegression().fit(rows, labels)
        """,
    "a fit of keras": """
        from tensorflow import keras
        model = keras.Sequential([])
        model.fit(rows, epochs=3)
        """,
    "lightning": """
        import lightning as L
        trainer = L.Trainer()
        trainer.fit(model, loader)
        """,
    "gradients of tensorflow": """
        import tensorflow as tf
        optimizer.apply_gradients(zip(gradients, variables))
        """,
    "jax": """
        import jax, optax
        parameters = optax.apply_updates(parameters, updates)
        """,
    "boosting": """
        import xgboost as xgb
        xgb.train({}, rows)
        """,
    "a job elsewhere": """
        from openai import OpenAI
        OpenAI().fine_tuning.jobs.create(model="base", training_file="file-1")
        """,
    "a task that a framework starts": """
        from prefect import flow
        from transformers import Trainer
        @flow
        def train():
            Trainer().train()
        """,
    "a command": """
        import hydra
        from lightning import Trainer
        @hydra.main(config_path="conf", config_name="config")
        def main(cfg):
            Trainer().fit(model)
        """,
    "processes that are spawned": """
        import torch.multiprocessing as mp
        def work(rank):
            loss.backward()
            optimizer.step()
        if __name__ == "__main__":
            mp.spawn(work, nprocs=2)
        """,
}
NOT_TRAINING = {
    "a step without an entry": STEP,
    "a library's class": """
        class Trainer:
            def train(self):
                self.loss.backward()
                self.optimizer.step()
        """,
    "an entry that reaches no step": STEP + "def evaluate(model): ...\nevaluate(1)\n",
    "the mode of a model": """
        import torch
        model.train()
        model.eval()
        """,
    "a trainer that evaluates": """
        from transformers import Trainer
        Trainer().evaluate()
        """,
    "gradients that change nothing": """
        import torch
        image.requires_grad = True
        loss.backward()
        attack = image + 0.1 * image.grad.sign()
        """,
    "steps of something else": """
        loss.backward()
        profiler.step()
        scheduler.step()
        env.step(action)
        """,
    "a fit of what prepares": """
        from sklearn.preprocessing import StandardScaler
        from sklearn.feature_extraction.text import TfidfVectorizer
        StandardScaler().fit(rows)
        scaler = make()
        scaler.fit(rows)
        TfidfVectorizer().fit(texts)
        """,
    "a fit that learns nothing": """
        from scipy import stats
        import numpy as np
        stats.norm.fit(rows)
        """,
    "a fit without a library that learns": """
        window.fit(12)
        """,
    "what minimizes a function": """
        from scipy.optimize import minimize
        minimize(f, 0)
        """,
    "tests": """
        import unittest
        from transformers import Trainer
        def test_it():
            Trainer().train()
        class TestIt(unittest.TestCase):
            def test_it(self):
                Trainer().train()
        if __name__ == "__main__":
            unittest.main()
        """,
    "words": '''
        """
        >>> trainer.train()
        """
        text = "loss.backward(); optimizer.step()"
        # trainer.train()
        ''',
    "a program that starts what trains": """
        import sys
        from acme.cli import main
        if __name__ == "__main__":
            sys.exit(main())
        """,
    "a pipeline": """
        from transformers import pipeline
        pipeline("text-generation", model="org/chat")("hello")
        """,
}


@pytest.mark.parametrize("source", TRAINING.values(), ids=TRAINING)
def test_it_trains_if_running_it_changes_weights(source: str) -> None:
    assert read(source).trains


@pytest.mark.parametrize("source", NOT_TRAINING.values(), ids=NOT_TRAINING)
def test_it_does_not_train_otherwise(source: str) -> None:
    reading = read(source)
    assert (reading.trains, reading.uses, reading.options) == (False, (), ())


def test_a_project_says_what_trains_and_what_is_used() -> None:
    known = KnownCalls.with_own(
        [
            {"call": "acme.fit", "trains": True},
            {"call": "acme.load", "uses": "dataset", "argument": [0, "name"]},
            {"call": "acme.*.publish", "uses": "export", "argument": "to", "export": "registry"},
        ]
    )
    source = """
        import acme
        acme.load("crm.people")
        acme.fit()
        acme.models.publish(to="prod")
        """
    assert not read(source).trains
    reading = read(source, known=known)
    assert reading.trains
    assert [(use.name, use.export) for use in reading.uses] == [
        ("crm.people", ""),
        ("prod", "registry"),
    ]


def test_what_a_project_says_of_a_known_call_hides_nothing_that_is_known_of_it() -> None:
    for call in ("datasets.load_dataset", "datasets.*", "*"):
        known = KnownCalls.with_own([{"call": call, "uses": "export", "argument": 0}])
        uses = [each.uses for each in known.of("datasets.load_dataset")]
        assert uses == ["export", "dataset"], call


def test_a_call_is_known_however_it_is_come_by() -> None:
    source = """
        import importlib
        hub = importlib.import_module("datasets")
        trainers = __import__("transformers")
        data = getattr(hub, "load_dataset")("acme/clicks")
        model = getattr(trainers.AutoModel, "from_pretrained")("acme/encoder")
        trainers.Trainer(model=model, train_dataset=data).train()
        """
    assert [use.name for use in read(source).uses] == ["acme/clicks", "acme/encoder"]


def test_what_is_called_on_a_model_names_none() -> None:
    source = """
        import torch
        from torchvision import models
        model = models.__dict__["resnet18"]()
        for batch in torch.ones(3):
            model(batch).sum().backward()
        torch.optim.SGD(model.parameters()).step()
        """
    assert {use.name for use in read(source).uses} <= {"resnet18", None}


@pytest.mark.parametrize("package", ["json", "unittest", "asyncio", "email", "ctypes"])
def test_nothing_of_the_standard_library_trains(package: str) -> None:
    folder = Path(sys.modules["os"].__file__ or "").parent / package
    assert _training_in(folder) == []


def test_nothing_of_our_own_trains() -> None:
    assert _training_in(Path(__file__).parents[3] / "bot" / "check") == []


def _training_in(folder: Path) -> list[str]:
    settings = SettingsFiles(folder)
    return [
        path.name
        for path in sorted(folder.rglob("*.py"))
        if read_python(path.name, path.read_text(encoding="utf-8"), packaged(), settings).trains
    ]
