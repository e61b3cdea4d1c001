// What work pools lend to other nouns.
export { WorkQueuePicker } from './queue-picker'
export { WorkPoolsHealth } from './work-pools-health'
