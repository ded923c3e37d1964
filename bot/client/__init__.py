"""What a pipeline or a person does from outside: send a violation, ask the gate."""
