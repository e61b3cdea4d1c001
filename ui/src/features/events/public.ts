// What events lend to other nouns.
export { EventList } from './event-list'
export { ResourceLink } from './resource-link'
export { eventWords, type Labels, readResource } from './resources'
