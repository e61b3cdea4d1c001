"""The words that the SDK and the server share: one module per noun, pydantic and the standard library only."""

API_VERSION = "0.8.4"
"""The REST and websocket API version that both sides speak (`X-PREFECT-API-VERSION`)."""
