// What stands where no run is: how to make the first one, or which filters hide what there is.
import { Button } from '@/design/button'
import { EmptyState } from '@/design/empty-state'
import { Row } from '@/design/page'

import { useGivenFilters } from './run-filters'
import { cleared, type RunsSearch } from './search'

const FIRST_FLOW = `from ostinato import flow

@flow(log_prints=True)
def hello(name: str = "world"):
    print(f"Hello, {name}!")

if __name__ == "__main__":
    hello()`

interface NoRunsProps {
  search: RunsSearch
  onChange: (change: Partial<RunsSearch>) => void
}

/** The words, and what widens the search. */
export function NoRuns({ search, onChange }: NoRunsProps) {
  const given = useGivenFilters(search)
  const areTasks = search.tab === 'task-runs'
  const isAllTime = search.range === 'all'
  const all = !isAllTime && (
    <Button onClick={() => onChange({ range: 'all', since: undefined, until: undefined })}>Look at all so far</Button>
  )
  if (given.length === 0) {
    return (
      <EmptyState
        title={areTasks ? 'No task run in the last 7 days' : 'No run in the last 7 days'}
        snippet={FIRST_FLOW}
        action={all}
      >
        Save this as hello.py and run it by python hello.py: the run appears here by itself.
      </EmptyState>
    )
  }
  return (
    <EmptyState
      title={areTasks ? 'No task run matches' : 'No run matches'}
      action={
        <Row>
          {given.length > 1 &&
            given.map(({ text, change }) => (
              <Button key={text} onClick={() => onChange(change)}>
                Without {text}
              </Button>
            ))}
          {all}
          <Button look="primary" onClick={() => onChange(cleared())}>
            Clear all filters
          </Button>
        </Row>
      }
    >
      Nothing fits {given.length === 1 ? 'this filter' : `these ${given.length} filters together`}. Take one away, or
      look at a longer time.
    </EmptyState>
  )
}
