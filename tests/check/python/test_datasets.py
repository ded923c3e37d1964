"""What is loaded to train on, or to evaluate."""

import pytest

from tests.check.python.reading import uses

CASES = {
    "files that are read as a format": (
        """
        from datasets import load_dataset
        load_dataset("json", data_files="a.jsonl")
        load_dataset("csv", data_files={"train": "b.csv", "test": "c.csv"})
        load_dataset("parquet", data_files=["d.parquet"])
        """,
        [
            "dataset a.jsonl literal :2",
            "dataset b.csv literal :3",
            "dataset c.csv literal :3 evaluation",
            "dataset d.parquet literal :4",
        ],
    ),
    "files that are named later, and a format that is derived": (
        """
        import argparse
        from datasets import load_dataset
        parser = argparse.ArgumentParser()
        parser.add_argument("--train_file", default="a.csv")
        args = parser.parse_args()
        files = {}
        files["train"] = args.train_file
        load_dataset(args.train_file.split(".")[-1], data_files=files)
        """,
        ["dataset a.csv default :4"],
    ),
    "files of what isn't a format are a part of it": (
        """
        from datasets import load_dataset
        load_dataset("acme/people", data_files="part.csv")
        """,
        ["dataset acme/people literal :2"],
    ),
    "files that lie elsewhere are no part of it": (
        """
        from datasets import load_dataset
        load_dataset("acme/people", data_files=["a.csv", "s3://other/b.csv"])
        load_dataset("acme/people", data_dir="/mnt/other")
        load_dataset("acme/people", data_dir="../other")
        """,
        [
            "dataset acme/people literal :2",
            "dataset s3://other/b.csv literal :2",
            "dataset /mnt/other literal :3",
            "dataset ../other literal :4",
        ],
    ),
    "a part of it to evaluate": (
        """
        from datasets import load_dataset
        train = load_dataset("imdb", split="train")
        held = load_dataset("imdb", split="test")
        eval_set = load_dataset("squad")
        """,
        [
            "dataset imdb literal :2",
            "dataset imdb literal :3 evaluation",
            "dataset squad literal :4 evaluation",
        ],
    ),
    "once for each name, how and role": (
        """
        from datasets import load_dataset
        load_dataset("imdb", split="train")
        load_dataset("imdb")
        """,
        ["dataset imdb literal :2"],
    ),
    "one unknown for each role": (
        """
        from datasets import load_dataset
        from acme import one, two
        load_dataset(one)
        load_dataset(two)
        """,
        ["dataset ? unknown :3"],
    ),
    "a part of unknown data is the same data": (
        """
        import argparse
        from datasets import load_dataset
        parser = argparse.ArgumentParser()
        parser.add_argument("--data")
        args = parser.parse_args()
        load_dataset(args.data, split="train")
        load_dataset(args.data, split="test")
        """,
        ["dataset ? unknown :6"],
    ),
    "a mapping that is handed over": (
        """
        from datasets import load_dataset
        how = {"path": "imdb"}
        load_dataset(**how)
        """,
        ["dataset imdb constant :2"],
    ),
    "a class of torchvision, and not its folder": (
        """
        from torchvision import datasets, transforms
        train = datasets.MNIST("../data", train=True, transform=transforms.ToTensor())
        test = datasets.MNIST("../data", train=False)
        datasets.FakeData()
        """,
        ["dataset MNIST literal :2", "dataset MNIST literal :3 evaluation"],
    ),
    "a folder of images": (
        """
        import torchvision.datasets as d
        d.ImageFolder(root="images/train")
        """,
        ["dataset images/train literal :2"],
    ),
    "a class of the file that extends one": (
        """
        from torchvision.datasets import CIFAR10
        class Mine(CIFAR10):
            pass
        Mine("data")
        """,
        ["dataset CIFAR10 literal :4"],
    ),
    "torchtext, torchaudio, geometric": (
        """
        from torchtext.datasets import AG_NEWS
        from torchtext import datasets
        import torchaudio
        from torch_geometric.datasets import Planetoid
        AG_NEWS(split="train")
        datasets.SNLI.splits()
        torchaudio.datasets.SPEECHCOMMANDS(".")
        Planetoid("/tmp", name="Cora")
        """,
        [
            "dataset AG_NEWS literal :5",
            "dataset SNLI literal :6",
            "dataset SPEECHCOMMANDS literal :7",
            "dataset Cora literal :8",
        ],
    ),
    "tensorflow, keras, sklearn": (
        """
        import tensorflow_datasets as tfds
        from tensorflow import keras
        from sklearn.datasets import fetch_openml, load_iris
        tfds.load("mnist", split="train")
        keras.datasets.cifar10.load_data()
        fetch_openml("adult")
        load_iris()
        """,
        [
            "dataset mnist literal :4",
            "dataset cifar10 literal :5",
            "dataset adult literal :6",
            "dataset load_iris literal :7",
        ],
    ),
    "tables": (
        """
        import pandas as pd
        from pyspark.sql import SparkSession
        spark = SparkSession.builder.getOrCreate()
        pd.read_parquet("s3://lake/customers.parquet")
        pd.read_sql("select * from crm.customers", con=None)
        pd.read_gbq("project.table")
        spark.read.parquet("s3://lake/a")
        spark.table("crm.people")
        spark.sql("select * from crm.orders")
        spark.read.format("delta").load("/mnt/gold")
        """,
        [
            "dataset s3://lake/customers.parquet literal :4",
            "dataset crm.customers literal :5",
            "dataset project.table literal :6",
            "dataset s3://lake/a literal :7",
            "dataset crm.people literal :8",
            "dataset crm.orders literal :9",
            "dataset /mnt/gold literal :10",
        ],
    ),
    "the tables of a query": (
        """
        import pandas as pd
        pd.read_sql('''
            with recent as (select * from crm.orders)
            select * from recent join `crm`.people on true
        ''', con=None)
        pd.read_sql("people", con=None)
        """,
        [
            "dataset crm.orders literal :2",
            "dataset crm.people literal :2",
            "dataset people literal :6",
        ],
    ),
    "spark as a notebook has it": (
        """
        spark.table("crm.people")
        """,
        ["dataset crm.people literal :1"],
    ),
    "files that are read only where their name is known": (
        """
        import numpy as np, pandas as pd
        from acme import path
        np.load("features.npy")
        np.loadtxt("1\\n2")
        np.load(path())
        pd.read_csv(path())
        open("corpus.txt")
        open("out.txt", "w")
        open("config.json")
        """,
        ["dataset features.npy literal :3", "dataset corpus.txt literal :7"],
    ),
    "a file that is opened before it is read": (
        """
        import pandas as pd
        with open("people.csv") as file:
            pd.read_csv(file)
        """,
        ["dataset people.csv literal :2"],
    ),
    "what torch loads, where it is data": (
        """
        import torch
        data = torch.load("traindata.pt")
        checkpoint = torch.load("resume.pt")
        """,
        ["dataset traindata.pt literal :2"],
    ),
    "a name that is pushed is no data that is loaded": (
        """
        from transformers import Trainer, TrainingArguments
        trainer = Trainer(args=TrainingArguments("out"))
        trainer.push_to_hub(dataset_name="imdb")
        """,
        ["export out literal :2 ->hub +derived"],
    ),
    "what stands in a comparison, a docstring or a doctest": (
        '''
        """
        >>> load_dataset("imdb")
        """
        import sys
        if sys.argv[0] == "imdb":
            pass
        ''',
        [],
    ),
    "an archive that is downloaded": (
        """
        import requests
        from urllib.request import urlretrieve
        url = "https://example.org/cora.tgz"
        requests.get(url, stream=True)
        urlretrieve("https://example.org/rows.csv")
        requests.get("https://example.org/health")
        """,
        [
            "dataset https://example.org/cora.tgz constant :3",
            "dataset https://example.org/rows.csv literal :5",
        ],
    ),
    "a class of the project's own that is called a data set": (
        """
        import argparse
        import data
        from own import RowDataset, TextDataset
        from torch.utils.data import TensorDataset
        parser = argparse.ArgumentParser()
        parser.add_argument("--data", default="./data/wikitext-2")
        parser.add_argument("--rows-dir")
        args = parser.parse_args()
        data.Corpus(args.data)
        RowDataset(root=args.rows_dir)
        TextDataset("train")
        TensorDataset("a/b")
        """,
        ["dataset ./data/wikitext-2 default :6", "dataset ? unknown :10"],
    ),
    "by way of another module's names": (
        """
        from own_data import *
        load_dataset("wikihow")
        """,
        ["dataset wikihow literal :2"],
    ),
    "an environment that gives the data": (
        """
        import gymnasium as gym
        env = gym.make("CartPole-v1")
        """,
        ["dataset CartPole-v1 literal :2 +optional"],
    ),
}


@pytest.mark.parametrize(("source", "expected"), CASES.values(), ids=CASES)
def test_data_is_what_is_loaded(source: str, expected: list[str]) -> None:
    assert uses(source) == expected
