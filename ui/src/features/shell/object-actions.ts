// What can be done with deployments and work pools from the palette.
import { useQueryClient } from '@tanstack/react-query'
import { CirclePause, CirclePlay, Play } from 'lucide-react'

import { pauseDeployment } from '@/api/deployments'
import { messageOf } from '@/api/errors'
import type { Found } from '@/api/search'
import type { Deployment } from '@/api/types'
import { pauseWorkPool } from '@/api/work-pools'
import { notify } from '@/design/toast'

import type { Entry, Verb } from './entries'

/** Return how to list what can be done with what was found; with a verb only that. */
export function useObjectActions(onRun: (deployment: Deployment) => void) {
  const client = useQueryClient()
  const doIt = (noun: 'deployments' | 'work-pools', asked: () => Promise<unknown>, done: string) => {
    asked()
      .then(() => notify(done))
      .catch((error: unknown) => notify(messageOf(error), 'bad'))
      .finally(() => {
        void client.invalidateQueries({ queryKey: [noun] })
        void client.invalidateQueries({ queryKey: ['search'] })
      })
  }
  const pausing = (isPaused: boolean) => (isPaused ? ('resume' as const) : ('pause' as const))
  return ({ deployments, pools }: Found, wanted: Verb | null): Entry[] => {
    const all: (Entry & { verb: Verb })[] = [
      ...deployments.map((each) => ({
        id: `run ${each.id}`,
        verb: 'run' as const,
        label: `Run ${each.name}…`,
        icon: Play,
        act: () => onRun(each),
      })),
      ...deployments.map(({ id, name, paused }) => ({
        id: `pause ${id}`,
        verb: pausing(paused),
        label: `${paused ? 'Resume' : 'Pause'} the schedules of ${name}`,
        icon: paused ? CirclePlay : CirclePause,
        act: () =>
          doIt('deployments', () => pauseDeployment(id, !paused), paused ? `Resumed ${name}` : `Paused ${name}`),
      })),
      ...pools.map(({ id, name, is_paused: paused }) => ({
        id: `pause ${id}`,
        verb: pausing(paused),
        label: `${paused ? 'Resume' : 'Pause'} the work pool ${name}`,
        icon: paused ? CirclePlay : CirclePause,
        act: () =>
          doIt('work-pools', () => pauseWorkPool(name, !paused), paused ? `Resumed ${name}` : `Paused ${name}`),
      })),
    ]
    return all.filter(({ verb }) => wanted === null || verb === wanted)
  }
}
