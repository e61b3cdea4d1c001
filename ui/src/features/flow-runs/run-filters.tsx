// The filters of the runs page: each change is a change of the address.
import { useQuery } from '@tanstack/react-query'
import { ListFilter, Plus } from 'lucide-react'
import { type ReactNode, useState } from 'react'

import { deploymentNamesQuery } from '@/api/deployments'
import { flowNamesQuery } from '@/api/flows'
import { Button } from '@/design/button'
import { Select } from '@/design/field'
import { Menu, MenuCheck, MenuItem } from '@/design/overlays'
import { Row } from '@/design/page'
import { SearchInput } from '@/design/search-input'
import { StateBadge } from '@/design/states'
import { useZone } from '@/design/time'
import { GivenFilters } from '@/features/given-filters'
import { formatInstant, type Zone } from '@/lib/time'

import { FilterDialog, type FilterKind } from './filter-dialogs'
import {
  cleared,
  DEFAULT_RANGE,
  type Range,
  RANGE_LABELS,
  RANGES,
  type RunsSearch,
  SORT_LABELS,
  SORTS,
  STATES,
  type StateWord,
} from './search'

const RANGE_OPTIONS = RANGES.map((range) => [range, RANGE_LABELS[range]] as const)
const SORT_OPTIONS = SORTS.map((sort) => [sort, SORT_LABELS[sort]] as const)

interface RunFiltersProps {
  search: RunsSearch
  onChange: (change: Partial<RunsSearch>) => void
}

/** The row of filters, and what is filtered by as things to take away. */
export function RunFilters({ search, onChange, children }: RunFiltersProps & { children?: ReactNode }) {
  const areTasks = search.tab === 'task-runs'
  return (
    <>
      <Row>
        <SearchInput
          label={areTasks ? 'Name of the task run' : 'Name of the run'}
          value={search.name ?? ''}
          onChange={(name) => onChange({ name: name || undefined })}
        />
        <StateFilter search={search} onChange={onChange} />
        <TimeFilter search={search} onChange={onChange} />
        <MoreFilters search={search} onChange={onChange} />
        <Select
          aria-label="Order"
          options={SORT_OPTIONS}
          value={search.sort ?? 'START_TIME_DESC'}
          onChange={(event) => onChange({ sort: event.target.value as RunsSearch['sort'] /* an option */ })}
        />
        {children}
      </Row>
      <RunsGiven search={search} onChange={onChange} />
    </>
  )
}

const OWN_TIME = 'own'

function TimeFilter({ search, onChange }: RunFiltersProps) {
  const [zone] = useZone()
  const [isOpen, setOpen] = useState(false)
  const own = ownTimeOf(search, zone)
  const options = own === undefined ? RANGE_OPTIONS : [...RANGE_OPTIONS, [OWN_TIME, own] as const]
  return (
    <>
      <Select
        aria-label="Time"
        options={[...options, ['choose', 'Choose a time…'] as const]}
        value={own === undefined ? (search.range ?? DEFAULT_RANGE) : OWN_TIME}
        onChange={({ target: { value } }) => {
          if (value === 'choose') setOpen(true)
          else if (value !== OWN_TIME)
            onChange({ range: value as Range /* an option */, since: undefined, until: undefined })
        }}
      />
      {isOpen && <FilterDialog kind="time" search={search} onChange={onChange} onClose={() => setOpen(false)} />}
    </>
  )
}

/** A time of one's own in words; undefined where a range is asked for. */
function ownTimeOf({ since, until }: RunsSearch, zone: Zone): string | undefined {
  const from = since && formatInstant(since, zone, 'minute')
  const to = until && formatInstant(until, zone, 'minute')
  if (from && to) return `${from} – ${to}`
  return from ? `Since ${from}` : to && `Until ${to}`
}

const KINDS: readonly (readonly [FilterKind, string])[] = [
  ['flow', 'Flow…'],
  ['deployment', 'Deployment…'],
  ['pool', 'Work pool…'],
  ['tag', 'Tag…'],
]

function MoreFilters({ search, onChange }: RunFiltersProps) {
  const [kind, setKind] = useState<FilterKind | null>(null)
  const isHidden = search.subflows === 'hide'
  const kinds = search.tab === 'task-runs' ? KINDS.filter(([each]) => each !== 'pool') : KINDS
  return (
    <>
      <Menu trigger={<Button icon={<Plus size={15} aria-hidden />}>Filter</Button>}>
        {kinds.map(([each, label]) => (
          <MenuItem key={each} onSelect={() => setKind(each)}>
            {label}
          </MenuItem>
        ))}
        <MenuCheck
          isChecked={isHidden}
          onChange={(isChecked) => onChange({ subflows: isChecked ? 'hide' : undefined })}
        >
          Hide sub-flows
        </MenuCheck>
      </Menu>
      {kind !== null && <FilterDialog kind={kind} search={search} onChange={onChange} onClose={() => setKind(null)} />}
    </>
  )
}

function StateFilter({ search, onChange }: RunFiltersProps) {
  const chosen = search.states ?? []
  const change = (state: (typeof STATES)[number], isChosen: boolean) => {
    const states = isChosen ? [...chosen, state] : chosen.filter((each) => each !== state)
    onChange({ states: states.length > 0 ? states : undefined })
  }
  return (
    <Menu
      trigger={
        <Button icon={<ListFilter size={15} aria-hidden />}>
          {chosen.length === 0 ? 'All states' : chosen.length === 1 ? '1 state' : `${chosen.length} states`}
        </Button>
      }
    >
      {STATES.map((state) => (
        <MenuCheck key={state} isChecked={chosen.includes(state)} onChange={(isChecked) => change(state, isChecked)}>
          {state === 'Late' ? <StateBadge type="SCHEDULED" name="Late" /> : <StateBadge type={state} />}
        </MenuCheck>
      ))}
    </Menu>
  )
}

function RunsGiven({ search, onChange }: RunFiltersProps) {
  const given = useGivenFilters(search).map(({ text, change }) => ({ text, onRemove: () => onChange(change) }))
  return <GivenFilters given={given} onClear={() => onChange(cleared())} />
}

interface GivenFilter {
  text: string
  /** What takes it away. */
  change: Partial<RunsSearch>
}

/** What runs are filtered by, each in words; the default time is none. */
export function useGivenFilters(search: RunsSearch): GivenFilter[] {
  const [zone] = useZone()
  const flows = useQuery(flowNamesQuery(search.flow === undefined ? [] : [search.flow]))
  const deployments = useQuery(deploymentNamesQuery(search.deployment === undefined ? [] : [search.deployment]))
  const { name, states, range, flow, deployment, pool, tags = [], subflows } = search
  const time = ownTimeOf(search, zone)
  const given: GivenFilter[] = []
  if (name !== undefined) given.push({ text: `name: ${name}`, change: { name: undefined } })
  for (const state of states ?? []) {
    const rest = states?.filter((each) => each !== state)
    given.push({ text: `state: ${wordOf(state)}`, change: { states: rest?.length ? rest : undefined } })
  }
  if (time !== undefined) given.push({ text: `time: ${time}`, change: { since: undefined, until: undefined } })
  else if (range !== undefined && range !== DEFAULT_RANGE)
    given.push({ text: `time: ${RANGE_LABELS[range]}`, change: { range: DEFAULT_RANGE } })
  if (flow !== undefined) given.push({ text: `flow: ${flows.data?.get(flow) ?? '…'}`, change: { flow: undefined } })
  if (deployment !== undefined)
    given.push({ text: `deployment: ${deployments.data?.get(deployment) ?? '…'}`, change: { deployment: undefined } })
  if (pool !== undefined) given.push({ text: `work pool: ${pool}`, change: { pool: undefined } })
  for (const tag of tags) {
    const rest = tags.filter((each) => each !== tag)
    given.push({ text: `tag: ${tag}`, change: { tags: rest.length > 0 ? rest : undefined } })
  }
  if (subflows === 'hide') given.push({ text: 'no sub-flows', change: { subflows: undefined } })
  return given
}

function wordOf(state: StateWord): string {
  return state.charAt(0) + state.slice(1).toLowerCase()
}
