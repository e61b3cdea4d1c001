// Concurrency limits: the named ones, and those on tags of tasks.
import { Plus } from 'lucide-react'
import { useState } from 'react'

import { Button } from '@/design/button'
import { Page, Row } from '@/design/page'
import { SearchInput } from '@/design/search-input'
import { Tabs } from '@/design/tabs'

import { GlobalLimits } from './global-limits'
import { LimitDialog } from './limit-dialog'
import type { LimitsSearch } from './search'
import { TagLimitDialog } from './tag-limit-dialog'
import { TagLimits } from './tag-limits'

/** The page. */
export function LimitsPage({ search, onSearch }: { search: LimitsSearch; onSearch: (search: LimitsSearch) => void }) {
  const [isAdding, setAdding] = useState(false)
  const tab = search.tab ?? 'global'
  const close = () => setAdding(false)
  return (
    <Page
      title="Concurrency limits"
      actions={
        <Button look="primary" icon={<Plus size={15} aria-hidden />} onClick={() => setAdding(true)}>
          {tab === 'global' ? 'New limit' : 'New tag limit'}
        </Button>
      }
    >
      <Row>
        <SearchInput
          label={tab === 'global' ? 'Name of the limit' : 'Tag'}
          value={search.name ?? ''}
          onChange={(name) => onSearch({ ...search, name: name || undefined })}
        />
      </Row>
      <Tabs
        label="Kinds of limits"
        value={tab}
        onChange={(next) => onSearch({ tab: next })}
        tabs={[
          { value: 'global', label: 'Named limits', content: () => <GlobalLimits name={search.name} /> },
          { value: 'tags', label: 'Task tags', content: () => <TagLimits name={search.name} /> },
        ]}
      />
      {isAdding &&
        (tab === 'global' ? (
          <LimitDialog limit={null} onClose={close} />
        ) : (
          <TagLimitDialog limit={null} onClose={close} />
        ))}
    </Page>
  )
}
