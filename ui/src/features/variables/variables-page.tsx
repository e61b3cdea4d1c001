// All variables; they are made and changed in a dialog.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Ellipsis, Pencil, Plus, Trash2 } from 'lucide-react'
import { useMemo, useState } from 'react'

import type { Variable } from '@/api/types'
import { deleteVariable, variablesQuery } from '@/api/variables'
import { Tags } from '@/design/badge'
import { Button, IconButton } from '@/design/button'
import { ConfirmDialog } from '@/design/confirm-dialog'
import { columnsOf, DataTable } from '@/design/data-table'
import { EmptyState } from '@/design/empty-state'
import { Menu, MenuItem } from '@/design/overlays'
import { Page, Panel, Row } from '@/design/page'
import { Pager } from '@/design/pager'
import { SearchInput } from '@/design/search-input'
import { Skeleton } from '@/design/skeleton'
import { Time } from '@/design/time'
import { QueryView } from '@/features/query-view'
import type { ListSearch } from '@/lib/list-search'
import { readTags } from '@/lib/tags'

import { VariableDialog } from './variable-dialog'

const LIMIT = 50
const SNIPPET =
  'from ostinato.variables import Variable\n\nVariable.set("region", "eu-west-1")\nregion = Variable.get("region")'
const helper = columnsOf<Variable>()

/** The page. */
export function VariablesPage({ search, onSearch }: { search: ListSearch; onSearch: (search: ListSearch) => void }) {
  const limit = search.limit ?? LIMIT
  const variables = useQuery(variablesQuery({ name: search.name, tags: search.tags, page: search.page ?? 1, limit }))
  const [edited, setEdited] = useState<Variable | 'new' | null>(null)
  const [removed, setRemoved] = useState<Variable | null>(null)
  const columns = useMemo(() => columnsWith(setEdited, setRemoved), [])
  const add = (
    <Button look="primary" icon={<Plus size={15} aria-hidden />} onClick={() => setEdited('new')}>
      New variable
    </Button>
  )
  return (
    <Page title="Variables" actions={add}>
      <Row>
        <SearchInput
          label="Name of the variable"
          value={search.name ?? ''}
          onChange={(name) => onSearch({ ...search, page: undefined, name: name || undefined })}
        />
        <SearchInput
          label="Tags, with commas between them"
          value={search.tags?.join(', ') ?? ''}
          onChange={(typed) => {
            // After a comma another one is to come.
            if (!typed.endsWith(',')) onSearch({ ...search, page: undefined, tags: wantedTags(typed) })
          }}
        />
      </Row>
      <Panel isFlush>
        <QueryView
          query={variables}
          placeholder={<Skeleton lines={6} height="2rem" />}
          errorTitle="The variables could not be loaded"
        >
          {({ results, count, page }) =>
            results.length === 0 ? (
              search.name !== undefined || search.tags !== undefined ? (
                <EmptyState title="No variable matches" />
              ) : (
                <EmptyState title="No variables yet" snippet={SNIPPET}>
                  Variables are values that flows read when they run, so that they can change without a new deployment.
                  They are no place for secrets.
                </EmptyState>
              )
            ) : (
              <>
                <DataTable caption="Variables" columns={columns} rows={results} rowKey={(variable) => variable.id} />
                <Pager
                  page={page}
                  limit={limit}
                  count={count}
                  onPage={(next) => onSearch({ ...search, page: next })}
                  onLimit={(next) => onSearch({ ...search, limit: next, page: undefined })}
                />
              </>
            )
          }
        </QueryView>
      </Panel>
      {edited !== null && (
        <VariableDialog variable={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />
      )}
      {removed !== null && <DeleteDialog variable={removed} onClose={() => setRemoved(null)} />}
    </Page>
  )
}

function wantedTags(typed: string): string[] | undefined {
  const tags = readTags(typed)
  return tags.length > 0 ? tags : undefined
}

function columnsWith(edit: (variable: Variable) => void, remove: (variable: Variable) => void) {
  return helper.columns([
    helper.display({ id: 'name', header: 'Name', cell: ({ row: { original } }) => <strong>{original.name}</strong> }),
    helper.display({
      id: 'value',
      header: 'Value',
      cell: ({ row: { original } }) => <code>{JSON.stringify(original.value)}</code>,
    }),
    helper.display({
      id: 'updated',
      header: 'Changed',
      cell: ({ row: { original } }) => original.updated && <Time value={original.updated} look="relative" />,
    }),
    helper.display({ id: 'tags', header: 'Tags', cell: ({ row: { original } }) => <Tags tags={original.tags} /> }),
    helper.display({
      id: 'actions',
      header: () => <span className="visually-hidden">Actions</span>,
      cell: ({ row: { original } }) => (
        <Menu
          trigger={
            <IconButton label={`What can be done with ${original.name}`} icon={<Ellipsis size={17} aria-hidden />} />
          }
        >
          <MenuItem icon={<Pencil size={15} aria-hidden />} onSelect={() => edit(original)}>
            Change
          </MenuItem>
          <MenuItem icon={<Trash2 size={15} aria-hidden />} isDangerous onSelect={() => remove(original)}>
            Delete
          </MenuItem>
        </Menu>
      ),
    }),
  ])
}

function DeleteDialog({ variable, onClose }: { variable: Variable; onClose: () => void }) {
  const client = useQueryClient()
  const remove = useMutation({
    mutationFn: () => deleteVariable(variable.id),
    onSettled: () => client.invalidateQueries({ queryKey: ['variables'] }),
  })
  return (
    <ConfirmDialog
      title={`Delete ${variable.name}?`}
      description="Flows that read it without a default will fail."
      verb="Delete the variable"
      done={`Deleted ${variable.name}`}
      mutation={remove}
      onClose={onClose}
    />
  )
}
