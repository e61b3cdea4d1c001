// What logs lend to other nouns.
export { Logs } from './logs'
export { type LogsSearch, readLogsSearch } from './search'
