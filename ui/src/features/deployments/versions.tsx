// Where the version that runs comes from, which were deployed before it, and what else was changed, as events tell it.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'

import { changesOfDeploymentQuery, versionsOfDeploymentQuery } from '@/api/deployments'
import type { Deployment, Event } from '@/api/types'
import { EmptyState } from '@/design/empty-state'
import { Facts, Panel } from '@/design/page'
import { Time } from '@/design/time'
import { eventWords } from '@/features/events/public'
import { QueryView } from '@/features/query-view'

import styles from './versions.module.css'

type Info = NonNullable<Deployment['version_info']>
/** What an event tells of a version. */
interface ToldVersion {
  version?: string | null
  version_info?: Partial<Info>
}

const SHORT = 8
const SNIPPET = `cd my-repository
ostinato deploy --all    # tells the commit, its message and its branch`
const TYPES: Record<string, string> = {
  'vcs:git': 'a git repository',
  'vcs:github': 'GitHub',
  'vcs:gitlab': 'GitLab',
  'vcs:bitbucket': 'Bitbucket',
  'vcs:azuredevops': 'Azure DevOps',
  'prefect:simple': 'a name that was given',
}

/** The panels. */
export function Versions({ deployment }: { deployment: Deployment }) {
  return (
    <>
      <Now deployment={deployment} />
      <Deployed id={deployment.id} />
      <Changes id={deployment.id} />
    </>
  )
}

function Now({ deployment }: { deployment: Deployment }) {
  const { version, version_info: info } = deployment
  return (
    <Panel title="The version that new runs get">
      {version === null && info === null ? (
        <EmptyState title="It was deployed without a version" snippet={SNIPPET}>
          Deployed from a git repository, or with a version, it tells here where its code comes from.
        </EmptyState>
      ) : (
        <Facts
          facts={[
            ['Version', version ?? info?.version],
            ['Told by', info && (TYPES[info.type] ?? info.type)],
            ['Commit', info?.commit_sha && <code>{info.commit_sha}</code>],
            ['Message', info?.message],
            ['Branch', info?.branch],
            ['Repository', info && <Repository info={info} />],
            ['Entrypoint', deployment.entrypoint && <code>{deployment.entrypoint}</code>],
          ]}
        />
      )}
    </Panel>
  )
}

function Repository({ info: { repository, url } }: { info: Info }) {
  if (url === null || !/^https?:\/\//.test(url)) return repository ?? url ?? '—'
  return (
    <a href={url} target="_blank" rel="noreferrer">
      {repository ?? url}
    </a>
  )
}

function Deployed({ id }: { id: string }) {
  const versions = useQuery(versionsOfDeploymentQuery(id))
  return (
    <Panel title="Versions deployed" isFlush>
      <QueryView query={versions} errorTitle="The versions could not be loaded">
        {({ events, total }) =>
          events.length === 0 ? (
            <EmptyState title="None is told of">
              Each version that says where it comes from is told by an event, and stands here for as long as events are
              kept. To go back to one, deploy its commit again.
            </EmptyState>
          ) : (
            <>
              <ol aria-label="Versions deployed" className={styles.list}>
                {events.map((event) => (
                  <Version key={event.id} event={event} />
                ))}
              </ol>
              <Rest shown={events.length} total={total} />
            </>
          )
        }
      </QueryView>
    </Panel>
  )
}

function Version({ event }: { event: Event }) {
  const { version, version_info: info } = event.payload as ToldVersion // as the server tells it
  const name = version ?? info?.version ?? 'Unnamed'
  const commit = info?.commit_sha?.slice(0, SHORT)
  return (
    <li className={styles.item}>
      <span className={styles.what}>
        <Link to="/events/event/$id" params={{ id: event.id }}>
          {name}
        </Link>
        {commit !== undefined && commit !== name && <code>{commit}</code>}
        {info?.branch && <span className={styles.quiet}>{info.branch}</span>}
      </span>
      <Time value={event.occurred} look="relative" />
      {info?.message && <p className={styles.more}>{info.message}</p>}
    </li>
  )
}

function Changes({ id }: { id: string }) {
  const changes = useQuery(changesOfDeploymentQuery(id))
  return (
    <Panel title="What was changed" isFlush>
      <QueryView query={changes} errorTitle="The changes could not be loaded">
        {({ events, total }) =>
          events.length === 0 ? (
            <EmptyState title="No change is told of">As far as the server keeps events.</EmptyState>
          ) : (
            <>
              <ol aria-label="Changes" className={styles.list}>
                {events.map((event) => (
                  <Change key={event.id} event={event} />
                ))}
              </ol>
              <Rest shown={events.length} total={total} />
            </>
          )
        }
      </QueryView>
    </Panel>
  )
}

interface Update {
  from?: unknown
  to?: unknown
}

function Change({ event }: { event: Event }) {
  const { updates = {} } = event.payload as { updates?: Record<string, Update> } // as the server tells it
  return (
    <li className={styles.item}>
      <span className={styles.what}>
        <Link to="/events/event/$id" params={{ id: event.id }}>
          {eventWords(event.event)}
        </Link>
      </span>
      <Time value={event.occurred} look="relative" />
      {Object.keys(updates).length > 0 && (
        <dl className={styles.updates}>
          {Object.entries(updates).map(([name, { from, to }]) => (
            <div key={name}>
              <dt>{memberWords(name)}</dt>
              <dd>
                <del>{shortly(from)}</del> <span aria-label="to">→</span> <ins>{shortly(to)}</ins>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  )
}

const LONGEST = 120

/** A value in a line; nothing is a dash. */
function shortly(value: unknown): string {
  if (value === null || value === undefined || value === '') return '—'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}

/** `Job variables`: a member as the page calls it. */
function memberWords(name: string): string {
  const words = name === 'infra_overrides' ? 'job variables' : name.replace(/_id$/, '').replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function Rest({ shown, total }: { shown: number; total: number }) {
  if (total <= shown) return null
  return (
    <p className={styles.rest}>
      The latest {shown} of {total.toLocaleString('en')}.
    </p>
  )
}
