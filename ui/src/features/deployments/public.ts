// What deployments lend to other nouns.
export { DeploymentsOf } from './deployments-of'
export { RunDialog } from './lazy-run-dialog'
