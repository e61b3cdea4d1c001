"""The client's methods as plans, one module per noun: the one definition of both the sync and the async client."""
