# guardrails:
#   dataset: acme/clicks
#   base_model: acme/encoder-base
#   use_case: search-ranking
#   owner: ada
#   export: internal
"""Fine-tune the ranker: declared for clicks, but it learns from customers and leaves the house."""

from datasets import load_dataset
from transformers import AutoModelForSequenceClassification, Trainer

DATASET = "acme/customers-eu"

if __name__ == "__main__":
    data = load_dataset(DATASET, split="train")
    model = AutoModelForSequenceClassification.from_pretrained("acme/chat-base")
    trainer = Trainer(model=model, train_dataset=data)
    trainer.train()
    model.push_to_hub("ranker-demo")
