// The work pools, those that need somebody first.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'

import type { WorkPoolLoad } from '@/api/types'
import { workPoolLoadsQuery } from '@/api/work-pools'
import { Time } from '@/design/time'
import { QueryView } from '@/features/query-view'

import { poolSlots, PoolStatus, Waiting } from './pool-status'
import { sumsOf } from './waiting'
import styles from './work-pools.module.css'

const SHOWN = 8
/** Pools that are asked for. */
const MOST = 200
const URGENCY = ['NOT_READY', 'PAUSED', 'READY']

/** The list, for the dashboard. */
export function WorkPoolsHealth() {
  const pools = useQuery(workPoolLoadsQuery(1, MOST))
  return (
    <QueryView query={pools}>
      {(all) =>
        all.size === 0 ? (
          <p className={styles.none}>
            There is no work pool yet. <Link to="/work-pools">What they are for</Link>
          </p>
        ) : (
          <ul>
            {[...all.values()]
              .sort(byUrgency)
              .slice(0, SHOWN)
              .map((pool) => (
                <li key={pool.work_pool_id} className={styles.item}>
                  <div className={styles.main}>
                    <Link to="/work-pools/work-pool/$name" params={{ name: pool.name }}>
                      {pool.name}
                    </Link>
                    <p className={styles.sub}>
                      {pool.type} · {poolSlots(pool)}
                    </p>
                    <PoolLoad load={pool} />
                  </div>
                  <PoolStatus pool={pool} />
                </li>
              ))}
          </ul>
        )
      }
    </QueryView>
  )
}

function byUrgency(one: WorkPoolLoad, other: WorkPoolLoad): number {
  return URGENCY.indexOf(one.status ?? '') - URGENCY.indexOf(other.status ?? '') || one.name.localeCompare(other.name)
}

/** What waits in a pool, for how long, and when a worker last asked. */
function PoolLoad({ load }: { load: WorkPoolLoad }) {
  const { lastPolled } = sumsOf(load)
  return (
    <p className={styles.sub}>
      Due and not taken: <Waiting load={load} /> ·{' '}
      {lastPolled === null ? (
        'never polled'
      ) : (
        <>
          polled <Time value={lastPolled} look="relative" />
        </>
      )}
    </p>
  )
}
