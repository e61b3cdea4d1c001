// What is lent to runs of both kinds.
export { ChangeStateDialog } from './change-state-dialog'
