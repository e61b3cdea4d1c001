// All flows: how they do, and what comes next of each.
import { useQuery } from '@tanstack/react-query'
import { Trash2 } from 'lucide-react'
import { useCallback, useMemo, useState } from 'react'

import { flowsQuery } from '@/api/flows'
import { Button } from '@/design/button'
import { EmptyState } from '@/design/empty-state'
import { Page, Panel } from '@/design/page'
import { Pager } from '@/design/pager'
import { Skeleton } from '@/design/skeleton'
import { QueryView } from '@/features/query-view'
import { type Selection, SelectionBar, SelectionContext, useSelection } from '@/features/selection'

import { DeleteFlowsDialog } from './delete-flows-dialog'
import { FlowFilters } from './flow-filters'
import { FlowsTable } from './flows-table'
import { type FlowsSearch, UNFILTERED } from './list-search'

const LIMIT = 50
const SNIPPET = 'from ostinato import flow\n\n@flow\ndef etl():\n    ...\n\netl()  # its first run makes the flow known'

interface FlowsPageProps {
  search: FlowsSearch
  onSearch: (search: FlowsSearch) => void
}

/** The page. */
export function FlowsPage({ search, onSearch }: FlowsPageProps) {
  const { name, tags, deployed, sort, page = 1, limit = LIMIT } = search
  const isDeployed = deployed && deployed === 'yes'
  const flows = useQuery(flowsQuery({ name, tags, isDeployed, sort, page, limit }))
  const shown = useMemo(() => flows.data?.results.map(({ id }) => id) ?? [], [flows.data])
  const selection = useSelection(JSON.stringify([name, tags, deployed]), shown)
  const onChange = useCallback(
    (part: Partial<FlowsSearch>) => onSearch({ ...search, page: undefined, ...part }),
    [search, onSearch],
  )
  return (
    <Page title="Flows">
      <FlowFilters search={search} onChange={onChange} />
      <Panel isFlush>
        <QueryView
          query={flows}
          placeholder={<Skeleton lines={8} height="2rem" />}
          errorTitle="The flows could not be loaded"
        >
          {({ results, count, page: at }) =>
            count === 0 ? (
              <NoFlows isFiltered={[name, tags, deployed].some(Boolean)} onClear={() => onChange(UNFILTERED)} />
            ) : (
              <>
                <FlowsBar selection={selection} />
                <SelectionContext value={selection}>
                  <FlowsTable flows={results} />
                </SelectionContext>
                <Pager
                  page={at}
                  limit={limit}
                  count={count}
                  onPage={(next) => onSearch({ ...search, page: next })}
                  onLimit={(next) => onChange({ limit: next })}
                />
              </>
            )
          }
        </QueryView>
      </Panel>
    </Page>
  )
}

function FlowsBar({ selection }: { selection: Selection }) {
  const [isDeleting, setDeleting] = useState(false)
  const ids = [...selection.ids]
  return (
    <SelectionBar label="The selected flows" selection={selection}>
      <Button icon={<Trash2 size={15} aria-hidden />} onClick={() => setDeleting(true)}>
        Delete
      </Button>
      {isDeleting && (
        <DeleteFlowsDialog ids={ids} onDone={() => selection.mark(ids, false)} onClose={() => setDeleting(false)} />
      )}
    </SelectionBar>
  )
}

function NoFlows({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  if (isFiltered)
    return <EmptyState title="No flow matches" action={<Button onClick={onClear}>Clear the filters</Button>} />
  return (
    <EmptyState title="No flows yet" snippet={SNIPPET}>
      A flow is a Python function with the decorator flow. It is known here from its first run or deployment on.
    </EmptyState>
  )
}
