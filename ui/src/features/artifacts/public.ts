// What artifacts lend to other nouns.
export { ArtifactsOfRun } from './artifacts-of-run'
