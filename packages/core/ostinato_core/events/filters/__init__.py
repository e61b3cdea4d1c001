"""The filter of events (behaviour.md, section 18): as SQL, and as a predicate on one event. Both say the same.

Empty lists and empty objects say nothing, except an empty list of values of a label, which nothing satisfies.
"""

from ostinato_core.events.filters.predicate import name_predicate, predicate
from ostinato_core.events.filters.sql import condition

__all__ = ["condition", "name_predicate", "predicate"]
