"""Inputs of flow runs: what people and other runs tell a run while it is there, typed by `RunInput` or any type."""

from ostinato.input.messages import InputReceiver, asend_input, receive_input, send_input
from ostinato.input.run_input import AutomaticRunInput, Keyset, RunInput, RunInputMetadata, keyset_from_base_key
from ostinato.input.storing import (
    acreate_flow_run_input,
    adelete_flow_run_input,
    afilter_flow_run_input,
    aread_flow_run_input,
    create_flow_run_input,
    delete_flow_run_input,
    filter_flow_run_input,
    read_flow_run_input,
)

__all__ = [
    "AutomaticRunInput",
    "InputReceiver",
    "Keyset",
    "RunInput",
    "RunInputMetadata",
    "acreate_flow_run_input",
    "adelete_flow_run_input",
    "afilter_flow_run_input",
    "aread_flow_run_input",
    "asend_input",
    "create_flow_run_input",
    "delete_flow_run_input",
    "filter_flow_run_input",
    "keyset_from_base_key",
    "read_flow_run_input",
    "receive_input",
    "send_input",
]
