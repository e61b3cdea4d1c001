// What flow runs lend to other nouns.
export { ActivityBars, LastRun, NextRun } from './activity-bars'
export { FilterDialog } from './filter-dialogs'
export { FlowRunsOf } from './flow-runs-of'
export { FlowRunsTable } from './flow-runs-table'
export { FlowRunLink } from './links'
export { RANGE_LABELS, type Range, type StateWord, timeFilter } from './search'
