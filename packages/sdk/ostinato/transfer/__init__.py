"""Copying what people set up from one server to another. What exists there stays as it is; history is not copied.

`collect` lists what a server has, in an order in which each part comes after those that it names; `copy` makes one.
"""

from ostinato.transfer.collecting import collect
from ostinato.transfer.items import Item, Outcome, Status, Target, copy

__all__ = ["Item", "Outcome", "Status", "Target", "collect", "copy"]
