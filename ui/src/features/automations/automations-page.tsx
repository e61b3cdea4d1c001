// All automations: what each waits for, what it does, whether it is on, and when it last fired.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plus, X } from 'lucide-react'

import { automationsQuery } from '@/api/automations'
import { Button } from '@/design/button'
import { EmptyState } from '@/design/empty-state'
import { Page, Panel, Row } from '@/design/page'
import { Pager } from '@/design/pager'
import { SearchInput } from '@/design/search-input'
import { Skeleton } from '@/design/skeleton'
import { QueryView } from '@/features/query-view'
import type { ListSearch } from '@/lib/list-search'

import styles from './automations.module.css'
import { AutomationsTable } from './automations-table'

const LIMIT = 50
const SNIPPET = `from ostinato.automations import Automation, EventTrigger, PauseDeployment

Automation(
    name="pause-what-keeps-failing",
    trigger=EventTrigger(expect={"prefect.flow-run.Failed"}, threshold=3,
                         for_each={"related:deployment:prefect.resource.id"}, within=3600),
    actions=[PauseDeployment(source="inferred")],
).create()`

/** The page. */
export function AutomationsPage({ search, onSearch }: { search: ListSearch; onSearch: (search: ListSearch) => void }) {
  const limit = search.limit ?? LIMIT
  const automations = useQuery(
    automationsQuery({ name: search.name, tags: search.tags, page: search.page ?? 1, limit }),
  )
  const change = (part: ListSearch) => onSearch({ ...search, page: undefined, ...part })
  const isFiltered = search.name !== undefined || search.tags !== undefined
  return (
    <Page title="Automations" actions={<NewLink />}>
      <Row>
        <SearchInput
          label="Name of the automation"
          value={search.name ?? ''}
          onChange={(name) => change({ name: name || undefined })}
        />
        {search.tags?.map((tag) => (
          <Button
            key={tag}
            icon={<X size={14} aria-hidden />}
            aria-label={`Do not filter by tag ${tag}`}
            onClick={() => change({ tags: search.tags?.filter((each) => each !== tag) })}
          >
            Tag: {tag}
          </Button>
        ))}
      </Row>
      <Panel isFlush>
        <QueryView
          query={automations}
          placeholder={<Skeleton lines={6} height="2.5rem" />}
          errorTitle="The automations could not be loaded"
        >
          {({ results, count, page }) =>
            results.length === 0 ? (
              isFiltered ? (
                <EmptyState title="No automation matches" />
              ) : (
                <EmptyState title="No automations yet" snippet={SNIPPET}>
                  An automation acts when something happens, or when it does not: it tells people, starts a deployment,
                  pauses a queue. Build one here, or write it.
                </EmptyState>
              )
            ) : (
              <>
                <AutomationsTable automations={results} />
                <Pager
                  page={page}
                  limit={limit}
                  count={count}
                  onPage={(next) => onSearch({ ...search, page: next })}
                  onLimit={(next) => change({ limit: next })}
                />
              </>
            )
          }
        </QueryView>
      </Panel>
    </Page>
  )
}

function NewLink() {
  return (
    <Link to="/automations/new" className={styles.primary}>
      <Plus size={15} aria-hidden /> New automation
    </Link>
  )
}
