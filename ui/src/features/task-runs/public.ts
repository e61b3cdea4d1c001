// What task runs lend to other nouns.
export { AllTaskRunsTable } from './all-task-runs'
export { readTaskRunsSearch, type TaskRunsSearch } from './search'
export { TaskRunsTable } from './task-runs-table'
