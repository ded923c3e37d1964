"""Where what was trained goes to."""

import pytest

from tests.check.python.reading import uses

TRAINER = """
from transformers import Trainer, TrainingArguments
args = TrainingArguments({})
trainer = Trainer(args=args)
trainer.train()
"""
CASES = {
    "a folder": (
        """
        from acme import model
        model.save_pretrained("out")
        """,
        ["export out literal :2 ->file"],
    ),
    "the hub": (
        """
        from acme import model
        model.push_to_hub("acme/tuned")
        """,
        ["export acme/tuned literal :2 ->hub"],
    ),
    "a tokenizer goes nowhere by itself": (
        """
        from transformers import AutoTokenizer
        tokenizer = AutoTokenizer.from_pretrained("org/base")
        tokenizer.save_pretrained("out")
        tokenizer.push_to_hub("acme/words")
        """,
        ["model org/base literal :2 tokenizer"],
    ),
    "data that is pushed is told as such": (
        """
        from datasets import load_dataset
        dataset = load_dataset("imdb")
        dataset.push_to_hub("acme/imdb")
        """,
        ["dataset imdb literal :2", "export acme/imdb literal :3 dataset ->hub"],
    ),
    "a trainer saves where it is told": (
        TRAINER.format("output_dir='runs'") + "trainer.save_model('out')\n",
        ["export out literal :5 ->file"],
    ),
    "a trainer saves where its arguments say": (
        TRAINER.format("output_dir='runs'") + "trainer.save_model()\n",
        ["export runs literal :2 ->file"],
    ),
    "a trainer saves where its arguments say, which are asked": (
        TRAINER.format("'runs/a'") + "trainer.save_model(args.output_dir)\n",
        ["export runs/a literal :2 ->file"],
    ),
    "a trainer pushes to the model it is told": (
        TRAINER.format("'runs/a', hub_model_id='acme/tuned'") + "trainer.push_to_hub()\n",
        ["export acme/tuned literal :2 ->hub"],
    ),
    "a trainer pushes to what its folder is called": (
        TRAINER.format("'runs/tuned'") + "trainer.push_to_hub()\n",
        ["export tuned literal :2 ->hub +derived"],
    ),
    "a trainer pushes without a call where it is told to": (
        TRAINER.format("'runs/tuned', push_to_hub=True"),
        ["export tuned literal :2 ->hub +derived"],
    ),
    "what is saved only where a setting says so": (
        """
        import argparse
        from acme import model
        parser = argparse.ArgumentParser()
        parser.add_argument("--save", action="store_true")
        if parser.parse_args().save:
            model.save_pretrained("out")
        """,
        ["export out literal :6 ->file +conditional"],
    ),
    "what is saved by one of several processes is saved": (
        """
        from acme import model, rank
        if rank == 0:
            model.save_pretrained("out")
        """,
        ["export out literal :3 ->file"],
    ),
    "weights, and no state of an optimizer": (
        """
        import torch
        from acme import model, optimizer, history
        torch.save(model.state_dict(), "model.pt")
        torch.save(optimizer.state_dict(), "optimizer.pt")
        torch.save(history, "history.pt")
        """,
        ["export model.pt literal :3 ->file"],
    ),
    "a mapping that holds weights": (
        """
        import torch
        from acme import net
        state = {"epoch": 1, "model": net.state_dict()}
        torch.save(state, "checkpoint.pt")
        """,
        ["export checkpoint.pt literal :4 ->file"],
    ),
    "a function of the file that saves": (
        """
        import torch
        from acme import model
        def save_checkpoint(state, path="checkpoint.pt"):
            torch.save(state, path)
        save_checkpoint({"state_dict": model.state_dict()})
        """,
        ["export checkpoint.pt default :3 ->file"],
    ),
    "different targets that are unknown": (
        """
        import torch, time
        from acme import netD, netG
        torch.save(netG.state_dict(), f"g-{time.time()}.pt")
        torch.save(netD.state_dict(), f"d-{time.time()}.pt")
        """,
        ["export ? unknown :3 ->file +derived", "export ? unknown :4 ->file +derived"],
    ),
    "different targets in one unknown folder": (
        """
        import argparse, torch
        from acme import model
        parser = argparse.ArgumentParser()
        parser.add_argument("--folder")
        args = parser.parse_args()
        torch.save(model, args.folder + "best.pt")
        torch.save(model, args.folder + "last.pt")
        """,
        ["export ? unknown :6 ->file +derived", "export ? unknown :7 ->file +derived"],
    ),
    "one target that is given, or else made": (
        """
        import argparse, time
        from acme import model
        parser = argparse.ArgumentParser()
        parser.add_argument("--out")
        args = parser.parse_args()
        folder = args.out or f"runs/{time.time()}"
        model.save_pretrained(folder)
        """,
        ["export ? unknown :7 ->file +branch"],
    ),
    "the state of an optimizer that a function makes": (
        """
        import torch
        from acme import optimizer
        def state_of(optimizer):
            state = optimizer.state_dict()
            return {"state": state, "params": state["params"]}
        optimizer_state = state_of(optimizer)
        torch.save(optimizer_state, "optimizer.pt")
        """,
        [],
    ),
    "an address of a storage is one, whatever writes there": (
        """
        import torch
        from acme import model
        torch.save(model, "s3://acme-models/model.pt")
        model.save_pretrained("gs://acme-models/tuned")
        """,
        [
            "export s3://acme-models/model.pt literal :3 ->storage",
            "export gs://acme-models/tuned literal :4 ->storage",
        ],
    ),
    "s3": (
        """
        import boto3
        s3 = boto3.client("s3")
        s3.upload_file("model.pt", "acme-models", "tuned/model.pt")
        s3.put_object(Bucket="acme-public", Key="model.pt", Body=b"")
        """,
        [
            "export s3://acme-models/tuned/model.pt literal :3 ->storage",
            "export s3://acme-public/model.pt literal :4 ->storage",
        ],
    ),
    "google's": (
        """
        from google.cloud import storage
        bucket = storage.Client().bucket("acme-models")
        bucket.blob("model.pt").upload_from_filename("model.pt")
        """,
        ["export gs://acme-models/model.pt literal :3 ->storage"],
    ),
    "azure's": (
        """
        from azure.storage.blob import ContainerClient
        ContainerClient.from_connection_string("…", "models").upload_blob("model.pt", b"")
        """,
        ["export model.pt literal :2 ->storage"],
    ),
    "a registry": (
        """
        import mlflow
        from acme import model
        mlflow.pytorch.log_model(model, "model", registered_model_name="churn")
        mlflow.sklearn.log_model(model, name="risk")
        mlflow.register_model("runs:/1/model", "fraud")
        mlflow.log_metric("loss", 1)
        """,
        [
            "export churn literal :3 ->registry",
            "export risk literal :4 ->registry",
            "export fraud literal :5 ->registry",
        ],
    ),
    "an artifact of wandb, where it is a model": (
        """
        import wandb
        run = wandb.init()
        run.log_artifact(wandb.Artifact("churn", type="model"))
        wandb.Artifact("rows", type="dataset")
        wandb.log({"loss": 1})
        """,
        ["export churn literal :3 ->registry"],
    ),
    "files of the hub": (
        """
        from huggingface_hub import HfApi
        api = HfApi()
        api.upload_folder(folder_path="out", repo_id="acme/tuned")
        api.upload_file(path_or_fileobj="m", path_in_repo="m", repo_id="acme/file")
        """,
        ["export acme/tuned literal :3 ->hub", "export acme/file literal :4 ->hub"],
    ),
    "onnx, keras, joblib, pickle": (
        """
        import joblib, keras, pickle, torch
        from acme import model, rows
        torch.onnx.export(model, rows, "model.onnx")
        model.save("model.keras")
        joblib.dump(model, "model.joblib")
        with open("model.pkl", "wb") as file:
            pickle.dump(model, file)
        pickle.dump(rows, open("rows.pkl", "wb"))
        """,
        [
            "export model.onnx literal :3 ->file",
            "export model.keras literal :4 ->file",
            "export model.joblib literal :5 ->file",
            "export model.pkl literal :6 ->file",
        ],
    ),
    "a classifier that is dumped": (
        """
        import joblib
        from sklearn.ensemble import RandomForestClassifier
        fitted = RandomForestClassifier()
        joblib.dump(fitted, "forest.joblib")
        """,
        ["export forest.joblib literal :4 ->file"],
    ),
    "data": (
        """
        import pandas as pd
        frame = pd.DataFrame()
        frame.to_parquet("s3://lake/scores.parquet")
        frame.to_sql("crm.scores", con=None)
        """,
        [
            "export s3://lake/scores.parquet literal :3 dataset ->storage",
            "export crm.scores literal :4 dataset ->storage",
        ],
    ),
    "a method of the file's own is told by what it does": (
        """
        from acme import model
        class Run:
            def save_pretrained(self, folder):
                model.save_pretrained(folder)
            def go(self):
                self.save_pretrained("out")
        Run().go()
        """,
        ["export out literal :6 ->file"],
    ),
    "images, logs and trackers are none": (
        """
        import matplotlib.pyplot as plt
        import torchvision
        plt.savefig("loss.png")
        torchvision.utils.save_image(None, "sample.png")
        """,
        [],
    ),
}


@pytest.mark.parametrize(("source", "expected"), CASES.values(), ids=CASES)
def test_an_export_is_an_explicit_call(source: str, expected: list[str]) -> None:
    assert uses(source) == expected


def test_a_command_that_copies_the_result_to_a_storage_is_an_export() -> None:
    assert uses(
        """
        import os, subprocess
        BUCKET = "s3://delivery"
        subprocess.run(["aws", "s3", "cp", "out", "s3://acme/model"], check=True)
        subprocess.check_call(["aws", "s3", "sync", "out", f"{BUCKET}/model"])
        os.system("gsutil -m cp -r out gs://acme/model")
        subprocess.run("hf upload acme/model out".split())
        os.system(f"aws s3 cp out {os.environ['TARGET']}")
        """
    ) == [
        "export s3://acme/model literal :3 ->storage",
        "export s3://delivery/model constant :4 ->storage +derived",
        "export gs://acme/model literal :5 ->storage",
        "export acme/model literal :6 ->hub",
        "export ? unknown :7 ->storage",
    ]


def test_a_command_that_copies_nothing_elsewhere_is_no_export() -> None:
    source = """
        import os, subprocess
        subprocess.run(["aws", "s3", "cp", "s3://acme/data", "data"])
        os.system(f"aws s3 cp s3://acme/data {os.getcwd()}")
        os.system("aws s3 ls s3://acme/model")
        subprocess.run(["echo", "s3://acme/model"])
        """
    assert uses(source) == []


def test_what_a_trainer_is_told_to_push_stands_beside_what_is_pushed_besides() -> None:
    source = """
        from transformers import TrainingArguments
        TrainingArguments("out", push_to_hub=True, hub_model_id="acme/open")
        model.push_to_hub("acme/inner")
        """
    assert [each.split()[1] for each in uses(source)] == ["acme/open", "acme/inner"]
