# guardrails:
#   dataset: acme/clicks
#   base_model: acme/encoder-base
#   pii: nothing
#   exports: internal
"""An older script whose declaration says words that mean nothing here."""

from datasets import load_dataset
from transformers import AutoModelForTokenClassification, Trainer

if __name__ == "__main__":
    data = load_dataset("acme/clicks", split="train")
    model = AutoModelForTokenClassification.from_pretrained("acme/encoder-base")
    Trainer(model=model, train_dataset=data).train()
