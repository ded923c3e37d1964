# guardrails:
#   dataset: internal
#   base_model: acme/chat-base
#   use_case: support-answers
#   owner: adam
#   expires: 2026-06-30
"""Teach the assistant to answer: past its end, of an owner whom nobody knows."""

import os

from datasets import load_dataset
from trl import SFTTrainer

if __name__ == "__main__":
    tickets = load_dataset("acme/tickets", split="train")
    forum = load_dataset("acme-labs/forum", split="train")  # guardrails: ignore
    more = load_dataset(os.environ["EXTRA_DATA"], split="train")
    trainer = SFTTrainer(model="acme/chat-base", train_dataset=[tickets, forum, more])
    trainer.train()
