"""How any pipeline reports a violation: by Standard Webhooks, or at the gate with its token."""
