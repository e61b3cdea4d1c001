// All webhooks: where each listens, how its senders sign, and whether it is on.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'

import type { Webhook } from '@/api/types'
import { hookAddress, webhooksQuery } from '@/api/webhooks'
import { CopyButton } from '@/design/code-block'
import { columnsOf, DataTable } from '@/design/data-table'
import { EmptyState } from '@/design/empty-state'
import { Select } from '@/design/field'
import { LinkButton } from '@/design/link-button'
import { Page, Panel, Row } from '@/design/page'
import { Pager } from '@/design/pager'
import { SearchInput } from '@/design/search-input'
import { Skeleton } from '@/design/skeleton'
import { Time } from '@/design/time'
import { QueryView } from '@/features/query-view'

import { EnabledSwitch } from './enabled-switch'
import type { WebhooksSearch } from './search'
import { SIGNATURE_WORDS } from './signatures'
import styles from './webhooks.module.css'

const LIMIT = 50
const SNIPPET = `ostinato webhook create shop --template \\
  '{"event": "order.{{ body.action }}", "resource": {"prefect.resource.id": "order.{{ body.number }}"}}'`
const ENABLED_OPTIONS = [
  ['', 'Enabled or not'],
  ['yes', 'Enabled'],
  ['no', 'Disabled'],
] as const

const helper = columnsOf<Webhook>()
const columns = helper.columns([
  helper.display({
    id: 'name',
    header: 'Webhook',
    cell: ({ row: { original } }) => (
      <div className={styles.named}>
        <Link to="/webhooks/webhook/$id" params={{ id: original.id }}>
          {original.name}
        </Link>
        {original.description && <span className={styles.quiet}>{original.description}</span>}
      </div>
    ),
  }),
  helper.display({
    id: 'address',
    header: 'Address',
    cell: ({ row: { original } }) => (
      <span className={styles.address}>
        <code>…/hooks/{original.slug.slice(0, 6)}…</code>
        <CopyButton text={hookAddress(original)} label={`Copy the address of ${original.name}`} />
      </span>
    ),
  }),
  helper.display({
    id: 'signature',
    header: 'Signature',
    cell: ({ row: { original } }) => SIGNATURE_WORDS[original.signature],
  }),
  helper.display({
    id: 'updated',
    header: 'Changed',
    cell: ({ row: { original } }) => <Time value={original.updated} look="relative" />,
  }),
  helper.display({
    id: 'enabled',
    header: 'Enabled',
    cell: ({ row: { original } }) => <EnabledSwitch webhook={original} />,
  }),
])

/** The page. */
export function WebhooksPage({
  search,
  onSearch,
}: {
  search: WebhooksSearch
  onSearch: (search: WebhooksSearch) => void
}) {
  const limit = search.limit ?? LIMIT
  const { name, enabled } = search
  const asked = { name, enabled: enabled && enabled === 'yes', page: search.page ?? 1, limit }
  const webhooks = useQuery(webhooksQuery(asked))
  const choose = (part: WebhooksSearch) => onSearch({ ...search, page: undefined, ...part })
  const add = (
    <LinkButton look="primary" icon={<Plus size={15} aria-hidden />} to="/webhooks/new">
      New webhook
    </LinkButton>
  )
  return (
    <Page title="Webhooks" actions={add}>
      <Row>
        <SearchInput
          label="Name of the webhook"
          value={name ?? ''}
          onChange={(next) => choose({ name: next || undefined })}
        />
        <Select
          aria-label="Enabled or not"
          options={ENABLED_OPTIONS}
          value={enabled ?? ''}
          onChange={({ target }) => choose({ enabled: (target.value || undefined) as WebhooksSearch['enabled'] })}
        />
      </Row>
      <Panel isFlush>
        <QueryView
          query={webhooks}
          placeholder={<Skeleton lines={6} height="2rem" />}
          errorTitle="The webhooks could not be loaded"
        >
          {({ results, count, page }) => {
            if (results.length === 0)
              return name !== undefined || enabled !== undefined ? (
                <EmptyState title="No webhook matches" />
              ) : (
                <EmptyState title="No webhooks yet" snippet={SNIPPET}>
                  A webhook is an address at which another system tells what happened: GitHub a push, a shop an order. A
                  template makes an event of each request, and automations answer to it.
                </EmptyState>
              )
            return (
              <>
                <DataTable caption="Webhooks" columns={columns} rows={results} rowKey={({ id }) => id} />
                <Pager
                  page={page}
                  limit={limit}
                  count={count}
                  onPage={(next) => onSearch({ ...search, page: next })}
                  onLimit={(next) => choose({ limit: next })}
                />
              </>
            )
          }}
        </QueryView>
      </Panel>
    </Page>
  )
}
