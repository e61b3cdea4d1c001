// What can be done to the selected runs, or to all that match the filters.
import { OctagonX, PencilLine, RotateCcw, Trash2 } from 'lucide-react'
import { useState } from 'react'

import type { BulkAction } from '@/api/bulk-jobs'
import { Button } from '@/design/button'
import { type Selection, SelectionBar } from '@/features/selection'

import { BulkDialog } from './bulk-dialog'
import type { runsAsked } from './search'

interface BulkBarProps {
  selection: Selection
  /** What the filters of the page ask for, and how many that are. */
  asked: ReturnType<typeof runsAsked>
  count: number
}

/** The bar; nothing where nothing is selected. */
export function BulkBar({ selection, asked, count }: BulkBarProps) {
  /** The ticks to which "all that match" was added: it ends with the next change of them. */
  const [extended, setExtended] = useState<Selection['ids'] | null>(null)
  const isAll = extended === selection.ids
  const [action, setAction] = useState<BulkAction | null>(null)
  const chosen = selection.ids.size
  if (chosen === 0) return null
  const clear = () => selection.mark([...selection.ids], false)
  const where = isAll ? asked : { filter: { id: { any_: [...selection.ids] } } }
  return (
    <SelectionBar
      label="The selected runs"
      selection={selection}
      {...(isAll && { told: `All ${count.toLocaleString('en')} that match` })}
    >
      {!isAll && count > chosen && (
        <Button look="quiet" onClick={() => setExtended(selection.ids)}>
          Select all {count.toLocaleString('en')} that match
        </Button>
      )}
      <Button icon={<OctagonX size={15} aria-hidden />} onClick={() => setAction('cancel')}>
        Cancel
      </Button>
      <Button icon={<RotateCcw size={15} aria-hidden />} onClick={() => setAction('retry')}>
        Retry
      </Button>
      <Button icon={<Trash2 size={15} aria-hidden />} onClick={() => setAction('delete')}>
        Delete
      </Button>
      <Button icon={<PencilLine size={15} aria-hidden />} onClick={() => setAction('set-state')}>
        Set the state
      </Button>
      {action !== null && <BulkDialog action={action} where={where} onDone={clear} onClose={() => setAction(null)} />}
    </SelectionBar>
  )
}
