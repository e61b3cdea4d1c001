// Resources by their ids: which page shows one, and what to call it.

export interface Labels {
  [label: string]: string
}

export const RESOURCE_ID = 'prefect.resource.id'
const NAME = 'prefect.resource.name'
const ROLE = 'prefect.resource.role'
/** Kinds of resources, the longer names first: `flow-run` is no `flow`. */
const KINDS = [
  'automation.action',
  'automation',
  'flow-run',
  'task-run',
  'work-queue',
  'work-pool',
  'deployment',
  'block-document',
  'block-type',
  'block-schema',
  'concurrency-limit',
  'artifact-collection',
  'artifact',
  'variable',
  'worker',
  'event',
  'flow',
  'sla',
  'tag',
] as const
/** Kinds that the wire names after the reference's Cloud. */
const CLOUD_KINDS = ['incident', 'webhook'] as const
export type ResourceKind = (typeof KINDS)[number] | (typeof CLOUD_KINDS)[number]
const PREFIXES: readonly (readonly [ResourceKind, string])[] = [
  ...KINDS.map((kind) => [kind, `prefect.${kind}.`] as const),
  ...CLOUD_KINDS.map((kind) => [kind, `prefect-cloud.${kind}.`] as const),
]

export interface ResourceWords {
  id: string
  /** Undefined for resources of others. */
  kind?: ResourceKind
  /** What follows the kind in the id: mostly a UUID. */
  key: string
  name?: string
  role?: string
}

/** Read the labels of a resource. */
export function readResource(labels: Labels): ResourceWords {
  const id = labels[RESOURCE_ID] ?? ''
  const [kind, prefix = ''] = PREFIXES.find(([, beginning]) => id.startsWith(beginning)) ?? []
  const key = id.slice(prefix.length)
  const name = labels[NAME] ?? (kind === 'tag' ? key : undefined)
  return { id, kind, key, name, role: labels[ROLE] }
}

/** `Flow run`, `Work pool`: a kind, as people say it. */
export function kindWords(kind: string): string {
  const words = kind.replaceAll(/[-.]/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** `Flow run: Completed` of `prefect.flow-run.Completed`; names of others stay as they are. */
export function eventWords(name: string): string {
  const own = /^(?:prefect(?:-cloud)?|ostinato)\.(.+)\.([^.]+)$/.exec(name)
  if (own === null) return name
  const change = (own[2] ?? '').replaceAll('-', ' ')
  return `${kindWords(own[1] ?? '')}: ${change.charAt(0).toLowerCase()}${change.slice(1)}`
}

/** The resources that had a part in an event by making it happen: what it belongs to comes not in here. */
export function causesOf(related: readonly Labels[]): ResourceWords[] {
  return related.map(readResource).filter(({ role }) => role !== undefined && CAUSES.has(role))
}

const CAUSES = new Set([
  'creator',
  'triggering-event',
  'automation-triggered-event',
  'actor',
  'webhook',
  'sla',
  'affected',
])
