// What incidents lend to other nouns.
export { IncidentSignal } from './incident-signal'
