// Which block results are stored in where a flow names none.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'

import { storingBlocksQuery } from '@/api/blocks'
import { messageOf } from '@/api/errors'
import { resultStorageQuery, setResultStorage } from '@/api/server'
import { Field, Select } from '@/design/field'
import { Panel } from '@/design/page'
import { notify } from '@/design/toast'
import { QueryView } from '@/features/query-view'

/** The panel; nothing where there is no block that could be chosen, and none is. */
export function ResultStorage() {
  const client = useQueryClient()
  const stored = useQuery(resultStorageQuery())
  const blocks = useQuery(storingBlocksQuery())
  const choose = useMutation({
    mutationFn: setResultStorage,
    onError: (error) => notify(messageOf(error), 'bad'),
    onSuccess: (_, id) => notify(id === null ? 'Results have no default storage' : 'Changed the default storage'),
    onSettled: () => client.invalidateQueries({ queryKey: resultStorageQuery().queryKey }),
  })
  if (blocks.data?.length === 0 && stored.data === null) return null
  const known = (blocks.data ?? []).map(
    ({ id, name, block_type: type }) => [id, `${type?.name ?? ''}: ${name}`] as const,
  )
  return (
    <Panel title="Default storage of results">
      <QueryView query={stored} errorTitle="The default storage could not be loaded">
        {(id) => {
          const shown = choose.isPending ? choose.variables : id
          const isListed = shown === null || known.some(([each]) => each === shown)
          return (
            <Field
              label="Block"
              hint="For results that are kept, of flows and tasks that name no storage of their own."
            >
              {(props) => (
                <Select
                  {...props}
                  options={[
                    ['', 'None: each run keeps them where it runs'],
                    ...(isListed ? [] : [[shown, shown] as const]),
                    ...known,
                  ]}
                  value={shown ?? ''}
                  onChange={({ target }) => choose.mutate(target.value || null)}
                />
              )}
            </Field>
          )
        }}
      </QueryView>
    </Panel>
  )
}
