"""Files of settings that a script names."""

from pathlib import Path

from tests.check.python.reading import training, uses


def test_a_setting_is_known_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("data:\n  name: imdb\nmodel: org/base\n")
    source = """
        import yaml
        from datasets import load_dataset
        from transformers import AutoModel
        with open("config.yaml") as file:
            config = yaml.safe_load(file)
        load_dataset(config["data"]["name"])
        AutoModel.from_pretrained(config.get("model", "org/other"))
        """
    assert uses(source, tmp_path) == [
        "dataset imdb config :6 in config.yaml:2",
        "model org/base config :7 in config.yaml:3",
    ]


def test_json_toml_and_omegaconf_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"name": "imdb"}')
    (tmp_path / "b.toml").write_text('[data]\nname = "squad"\n')
    (tmp_path / "c.yaml").write_text("data: {names: [glue, boolq]}\n")
    source = """
        import json, tomllib
        from pathlib import Path
        from datasets import load_dataset
        from omegaconf import OmegaConf
        load_dataset(json.load(open("a.json"))["name"])
        load_dataset(tomllib.loads(Path("b.toml").read_text())["data"]["name"])
        config = OmegaConf.load("c.yaml")
        for name in config.data.names:
            load_dataset(name)
        """
    assert uses(source, tmp_path) == [
        "dataset imdb config :5 in a.json:1",
        "dataset squad config :6 in b.toml:2",
        "dataset boolq config :9 in c.yaml:1",
        "dataset glue config :9 in c.yaml:1",
    ]


def test_hydra_hands_its_settings_to_the_function(tmp_path: Path) -> None:
    (tmp_path / "conf" / "data").mkdir(parents=True)
    (tmp_path / "conf" / "config.yaml").write_text("defaults:\n  - data: own\nmodel: ???\n")
    (tmp_path / "conf" / "data" / "own.yaml").write_text("name: crm.people\n")
    source = """
        import hydra
        from datasets import load_dataset
        from transformers import AutoModel
        @hydra.main(config_path="conf", config_name="config")
        def main(cfg):
            load_dataset(cfg.data.name)
            AutoModel.from_pretrained(cfg.model)
        main()
        """
    assert uses(source, tmp_path) == [
        "dataset crm.people config :6 in conf/data/own.yaml:1",
        "model ? unknown :7",
    ]


def test_a_command_overrides_what_hydra_hands_over(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("data:\n  name: imdb\nmodel: ???\n")
    source = '''
        """
        python train.py data.name=crm.people model=org/base
        """
        import hydra
        from datasets import load_dataset
        from transformers import AutoModel
        @hydra.main(config_path=".", config_name="config")
        def main(cfg):
            load_dataset(cfg.data.name)
            AutoModel.from_pretrained(cfg.model)
        main()
        '''
    assert uses(source, tmp_path) == [
        "dataset crm.people launch :2",
        "dataset imdb config :9 in config.yaml:2",
        "model org/base launch :2",
        "model ? unknown :10",
    ]


def test_settings_are_handed_on_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "train.yaml").write_text("data:\n  path: ./data/input.txt\n")
    source = """
        import hydra
        from own import CharDataset, DataConfig
        def load(data_config):
            return CharDataset(data_config)
        @hydra.main(config_path=".", config_name="train")
        def main(cfg):
            load(DataConfig(**cfg["data"]))
        main()
        """
    assert uses(source, tmp_path) == ["dataset ./data/input.txt config :4 in train.yaml:2"]


def test_a_file_that_an_argument_names_by_default_is_read(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("name: imdb\n")
    source = """
        import argparse, yaml
        from datasets import load_dataset
        parser = argparse.ArgumentParser()
        parser.add_argument("--config", default="config.yaml")
        config = yaml.safe_load(open(parser.parse_args().config))
        load_dataset(config["name"])
        """
    assert uses(source, tmp_path) == ["dataset imdb config :6 in config.yaml:1"]


def test_a_file_that_is_not_there_leaves_it_unknown() -> None:
    source = """
        import yaml
        from datasets import load_dataset
        config = yaml.safe_load(open("config.yaml"))
        load_dataset(config["name"])
        """
    assert uses(source) == ["dataset ? unknown :4"]


def test_what_a_framework_instantiates_is_unknown_by_its_key() -> None:
    reading = training(
        """
        from torchtune import config
        class Recipe:
            def setup(self, cfg):
                self.load(cfg.checkpointer)
                self.rows = config.instantiate(cfg.dataset)
                config.instantiate(cfg.optimizer)
            def load(self, given):
                config.instantiate(given)
        @config.parse
        def main(cfg):
            Recipe().setup(cfg=cfg)
        main()
        """
    )
    assert [(use.kind, use.name, use.how, use.call) for use in reading.uses] == [
        ("dataset", None, "unknown", "dataset"),
        ("model", None, "unknown", "checkpointer"),
    ]
