"""Triggers: when what an automation waits for has come about. All but `evaluator`, `store` and `tables` is pure."""
