"""Train the second ranker. Nobody has written down what it is for."""

import pandas
import torch

if __name__ == "__main__":
    rows = pandas.read_parquet("s3://acme-lake/sessions.parquet")
    model = torch.nn.Linear(32, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for batch in torch.tensor(rows.to_numpy()).split(64):
        loss = model(batch).square().mean()
        loss.backward()
        optimizer.step()
    torch.save(model.state_dict(), "reranker.pt")
