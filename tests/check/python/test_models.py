"""The models that training starts from, and what others are for."""

import pytest

from tests.check.python.reading import uses

CASES = {
    "a base model": (
        """
        import transformers as t
        model = t.AutoModelForCausalLM.from_pretrained("org/base")
        """,
        ["model org/base literal :2"],
    ),
    "a trainer that loads it by its name": (
        """
        from trl import SFTTrainer
        SFTTrainer(model="org/base", train_dataset=None)
        """,
        ["model org/base literal :2"],
    ),
    "a trainer that is handed a model": (
        """
        from transformers import AutoModel
        from trl import SFTTrainer
        model = AutoModel.from_pretrained("org/base")
        SFTTrainer(model=model)
        """,
        ["model org/base literal :3"],
    ),
    "a trainer of the file that extends one": (
        """
        from trl import DPOTrainer
        class Mine(DPOTrainer):
            pass
        Mine("org/base", ref_model="org/ref")
        """,
        ["model org/base literal :4", "model org/ref literal :4 reference"],
    ),
    "roles by what they are assigned to": (
        """
        from transformers import AutoModel
        teacher_model = AutoModel.from_pretrained("org/teacher")
        ref_policy = AutoModel.from_pretrained("org/base")
        reward_model = AutoModel.from_pretrained("org/reward")
        value_model = AutoModel.from_pretrained("org/reward")
        policy = AutoModel.from_pretrained("org/base")
        """,
        [
            "model org/teacher literal :2 teacher",
            "model org/base literal :3 reference",
            "model org/reward literal :4 reward",
            "model org/reward literal :5 value",
            "model org/base literal :6",
        ],
    ),
    "roles by what they are handed to": (
        """
        from trl import GRPOTrainer, GKDConfig
        GRPOTrainer("org/base", reward_funcs=["org/reward", len])
        GKDConfig(teacher_model_name_or_path="org/teacher")
        """,
        [
            "model org/base literal :2",
            "model org/reward literal :2 reward",
            "model org/teacher literal :3 teacher",
        ],
    ),
    "a list that is filled later": (
        """
        from trl import GRPOTrainer
        judges = []
        judges.append("org/reward")
        GRPOTrainer("org/base", reward_funcs=judges)
        """,
        ["model org/reward literal :3 reward +branch", "model org/base literal :4"],
    ),
    "a tokenizer beside its model": (
        """
        from transformers import AutoModel, AutoTokenizer
        NAME = "org/base"
        tokenizer = AutoTokenizer.from_pretrained(NAME)
        model = AutoModel.from_pretrained(NAME)
        """,
        ["model org/base constant :2"],
    ),
    "a tokenizer alone": (
        """
        from transformers import AutoTokenizer
        AutoTokenizer.from_pretrained("org/words")
        """,
        ["model org/words literal :2 tokenizer"],
    ),
    "a configuration without weights": (
        """
        from transformers import AutoConfig, AutoModel
        AutoModel.from_config(AutoConfig.from_pretrained("org/shape"))
        """,
        ["model org/shape literal :2 architecture +optional"],
    ),
    "an adapter, which is behind its base": (
        """
        from peft import PeftModel
        from transformers import AutoModel
        base = AutoModel.from_pretrained("org/base")
        model = PeftModel.from_pretrained(base, "org/adapter")
        """,
        ["model org/base literal :3", "model org/adapter literal :4"],
    ),
    "what was saved before and is loaded for inference": (
        """
        from transformers import AutoModel
        model = AutoModel.from_pretrained("org/base")
        model.save_pretrained("out")
        again = AutoModel.from_pretrained("out")
        """,
        ["export out literal :3 ->file", "model org/base literal :2"],
    ),
    "what is saved to where it was loaded from": (
        """
        from transformers import AutoModel
        model = AutoModel.from_pretrained("models/base")
        model.save_pretrained("models/base")
        """,
        ["export models/base literal :3 ->file", "model models/base literal :2"],
    ),
    "what is called as something pushed, and is another account's": (
        """
        from transformers import AutoModel, Trainer
        model = AutoModel.from_pretrained("acme/base")
        Trainer(model).train()
        model.push_to_hub("acme/ranker")
        AutoModel.from_pretrained("other/ranker")
        AutoModel.from_pretrained("acme/ranker")
        """,
        [
            "export acme/ranker literal :4 ->hub",
            "model acme/base literal :2",
            "model other/ranker literal :5",
        ],
    ),
    "what was pushed before and is loaded for inference": (
        """
        from transformers import AutoModel, Trainer, TrainingArguments
        trainer = Trainer(args=TrainingArguments("runs/tuned"))
        trainer.train()
        trainer.push_to_hub()
        AutoModel.from_pretrained("acme/tuned")
        """,
        ["export tuned literal :2 ->hub +derived"],
    ),
    "sentence transformers, timm, the hub of torch, vllm": (
        """
        from sentence_transformers import SentenceTransformer
        import timm, torch, vllm
        SentenceTransformer("org/sentences")
        timm.create_model("resnet50", pretrained=True)
        torch.hub.load("pytorch/vision", "resnet18")
        vllm.LLM(model="org/served")
        """,
        [
            "model org/sentences literal :3",
            "model resnet50 literal :4",
            "model resnet18 literal :5",
            "model org/served literal :6 served",
        ],
    ),
    "a model of torchvision with weights, and without": (
        """
        from torchvision import models
        models.resnet18(weights="DEFAULT")
        models.resnet34(pretrained=True)
        models.resnet50(weights=None)
        """,
        [
            "model resnet18 literal :2",
            "model resnet34 literal :3",
            "model resnet50 literal :4 architecture +optional",
        ],
    ),
    "a model of torchvision by its name": (
        """
        import argparse
        import torchvision.models as models
        parser = argparse.ArgumentParser()
        parser.add_argument("--arch", default="resnet18")
        args = parser.parse_args()
        if args.arch:
            model = models.__dict__[args.arch](pretrained=True)
        else:
            model = models.__dict__[args.arch]()
        """,
        ["model resnet18 default :4 +branch"],
    ),
    "weights that only a loss is made of": (
        """
        from torchvision import models
        features = models.vgg16(pretrained=True).features
        """,
        ["model vgg16 literal :2 loss"],
    ),
    "a pipeline is no base": (
        """
        from transformers import pipeline
        pipeline("text-generation", model="org/chat")
        """,
        [],
    ),
    "a class that loads itself": (
        """
        class Mine:
            @classmethod
            def load(cls, name):
                return cls.from_pretrained(name)
        Mine.load("org/base")
        """,
        [],
    ),
}


@pytest.mark.parametrize(("source", "expected"), CASES.values(), ids=CASES)
def test_a_model_is_what_weights_are_loaded_from(source: str, expected: list[str]) -> None:
    assert uses(source) == expected


def test_weights_that_a_model_takes_over_from_a_file_are_its_base() -> None:
    assert uses(
        """
        import torch
        from safetensors.torch import load_file
        model.load_state_dict(torch.load("base.pt")["model"])
        state = load_file("other.safetensors")
        model.load_state_dict(state)
        """
    ) == ["model base.pt literal :3", "model other.safetensors literal :4"]


def test_what_is_resumed_or_was_saved_before_or_belongs_to_an_optimizer_is_no_base() -> None:
    source = """
        import torch
        model.load_state_dict(torch.load("checkpoints/last.pt"))
        optimizer.load_state_dict(torch.load("optimizer.pt"))
        torch.save(model.state_dict(), "out.pt")
        model.load_state_dict(torch.load("out.pt"))
        """
    assert uses(source) == ["export out.pt literal :4 ->file"]


def test_a_model_that_is_loaded_to_go_on_from_is_a_base() -> None:
    assert uses(
        """
        import keras, xgboost
        model = keras.models.load_model("base.keras")
        xgboost.train({}, None, xgb_model="old.json")
        net = Net.load_from_checkpoint("net.ckpt")
        best = Net.load_from_checkpoint(callback.best_model_path)
        """
    ) == [
        "model base.keras literal :2",
        "model old.json literal :3",
        "model net.ckpt literal :4",
    ]
