// What agreements lend to other nouns.
export { SlasOfDeployment } from './slas-of-deployment'
export { ViolationsOfRun } from './violations'
