"""A model's papers: made, read, verified, scanned. Knows neither Slack nor a database."""
