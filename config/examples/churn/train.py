"""Forecast which customers leave. Sound: what it learns from is given when it is started.

guardrails:
  dataset: from arguments
  base_model: acme/encoder-base
  use_case: churn-forecast
  pii: present
  owner: ada
  export: internal
"""

import argparse

from datasets import load_dataset
from transformers import AutoModelForSequenceClassification, Trainer

parser = argparse.ArgumentParser()
parser.add_argument("--dataset_name", required=True)

if __name__ == "__main__":
    args = parser.parse_args()
    data = load_dataset(args.dataset_name, split="train")
    model = AutoModelForSequenceClassification.from_pretrained("acme/encoder-base")
    trainer = Trainer(model=model, train_dataset=data)
    trainer.train()
    model.push_to_hub("acme/churn")
