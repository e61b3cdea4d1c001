"""Results that outlive their process: where they are kept, in which form, and when."""

from ostinato.engine.persistence import should_persist_result
from ostinato.results.defaults import get_result_store
from ostinato.results.records import ResultRecord, ResultRecordMetadata
from ostinato.results.store import ResultStore

__all__ = ["ResultRecord", "ResultRecordMetadata", "ResultStore", "get_result_store", "should_persist_result"]
