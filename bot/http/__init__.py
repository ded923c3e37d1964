"""HTTP: webhooks, the gate, Slack's requests, health and the description of it all."""
