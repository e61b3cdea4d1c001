// What automations lend to other nouns.
export { AutomationsAbout } from './automations-about'
