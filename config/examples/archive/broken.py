"""A script that was left half written."""

from datasets import load_dataset
from transformers import Trainer

Trainer(train_dataset=load_dataset("acme/clicks", split="train").train(
