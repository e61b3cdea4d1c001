// How a flow does: its last runs as bars, and sums over a time.
import { useQuery } from '@tanstack/react-query'

import { flowActivityQuery, flowSumsQuery } from '@/api/flows'
import { EmptyState } from '@/design/empty-state'
import { Select } from '@/design/field'
import { Facts, Panel } from '@/design/page'
import { Skeleton } from '@/design/skeleton'
import { Duration } from '@/design/time'
import { ActivityBars, NextRun, RANGE_LABELS } from '@/features/flow-runs/public'
import { QueryView } from '@/features/query-view'
import { useNow } from '@/lib/clock'

import { FLOW_RANGES, type FlowRange } from './flow-search'
import { type Sums, sumsOf } from './sums'

const OPTIONS = FLOW_RANGES.map((range) => [range, RANGE_LABELS[range]] as const)
const HOUR = 3_600_000
const SPANS: Record<FlowRange, number> = { '24h': 24 * HOUR, '7d': 168 * HOUR, '30d': 720 * HOUR }
const MINUTE = 60_000
const BARS = 60

interface FlowActivityProps {
  id: string
  name: string
  range: FlowRange
  onRange: (range: FlowRange) => void
}

/** The panel. */
export function FlowActivity({ id, name, range, onRange }: FlowActivityProps) {
  const activity = useQuery(flowActivityQuery([id], BARS))
  const select = (
    <Select
      aria-label="Time of the sums"
      options={OPTIONS}
      value={range}
      onChange={({ target: { value } }) => onRange(FLOW_RANGES.find((each) => each === value) ?? range)}
    />
  )
  return (
    <Panel title="Activity" actions={select}>
      <QueryView query={activity} placeholder={<Skeleton lines={3} />} errorTitle="The activity could not be loaded">
        {({ [id]: of }) =>
          of === undefined || of.runs.length === 0 ? (
            <EmptyState
              title="It has not run yet"
              snippet={`${name.replaceAll('-', '_')}()  # or: ostinato deployment run`}
            />
          ) : (
            <ActivityBars runs={of.runs} of={{ flow: id, range: 'all' }} isLarge />
          )
        }
      </QueryView>
      <FlowSums id={id} range={range} next={<NextRun activity={activity.data?.[id]} />} />
    </Panel>
  )
}

function FlowSums({ id, range, next }: { id: string; range: FlowRange; next: React.ReactNode }) {
  // The same within a minute, so that answers can be kept.
  const to = Math.ceil(useNow() / MINUTE) * MINUTE
  const sums = useQuery({ ...flowSumsQuery(id, to - SPANS[range], to), select: sumsOf })
  return (
    <QueryView query={sums} placeholder={<Skeleton lines={2} />} errorTitle="The sums could not be loaded">
      {(found) => <Facts facts={[...factsOf(found, RANGE_LABELS[range].toLowerCase()), ['Next run', next]]} />}
    </QueryView>
  )
}

function factsOf({ runs, completed, wrong, going, meanTime, meanLateness }: Sums, when: string) {
  const number = (count: number) => count.toLocaleString('en')
  const ended = completed + wrong
  return [
    [`Runs, ${when}`, number(runs)],
    ['Completed', ended > 0 && `${number(completed)} (${percent(completed, ended)})`],
    ['Failed or crashed', ended > 0 && number(wrong)],
    ['Running', going > 0 && number(going)],
    ['Ran for, on average', meanTime !== null && <Duration seconds={meanTime} />],
    ['Began late by, on average', meanLateness !== null && <Duration seconds={meanLateness} />],
  ] as const
}

/** Never 100 % where something went wrong, and never 0 % where something went well. */
function percent(part: number, whole: number): string {
  const share = (part / whole) * 100
  return `${part === whole ? 100 : part === 0 ? 0 : Math.min(99.9, Math.max(0.1, Number(share.toFixed(1))))} %`
}
