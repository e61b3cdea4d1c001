// Which rows of a table are ticked: it has boxes where somebody keeps that; and the bar of what can be done to them.
import { createContext, type ReactNode, use, useMemo, useState } from 'react'

import { Button } from '@/design/button'
import { Checkbox } from '@/design/checkbox'

import styles from './selection.module.css'

export interface Selection {
  /** Also of rows of other pages than the one that is shown. */
  ids: ReadonlySet<string>
  /** The rows that are shown. */
  shown: readonly string[]
  mark: (ids: readonly string[], isMarked: boolean) => void
}

/** The selection of the tables below; null where nothing can be selected. */
export const SelectionContext = createContext<Selection | null>(null)

/** Keep a selection, which begins anew when what is asked for changes. */
export function useSelection(asked: string, shown: readonly string[]): Selection {
  const [kept, setKept] = useState<{ asked: string; ids: ReadonlySet<string> }>({ asked, ids: new Set() })
  return useMemo(() => {
    const ids = kept.asked === asked ? kept.ids : new Set<string>()
    const mark = (marked: readonly string[], isMarked: boolean) => {
      const next = new Set(ids)
      for (const id of marked) {
        if (isMarked) next.add(id)
        else next.delete(id)
      }
      setKept({ asked, ids: next })
    }
    return { ids, shown, mark }
  }, [kept, asked, shown])
}

/** The box of one row. */
export function RowBox({ id, name }: { id: string; name: string }) {
  const selection = use(SelectionContext)
  if (selection === null) return null
  return (
    <Checkbox
      label={`Select ${name}`}
      isChecked={selection.ids.has(id)}
      onChange={(isMarked) => selection.mark([id], isMarked)}
    />
  )
}

/** The box of all rows that are shown. */
export function PageBox() {
  const selection = use(SelectionContext)
  if (selection === null) return null
  const { shown, ids, mark } = selection
  return (
    <Checkbox
      label="Select all on this page"
      isChecked={shown.length > 0 && shown.every((id) => ids.has(id))}
      isPartial={shown.some((id) => ids.has(id))}
      onChange={(isMarked) => mark(shown, isMarked)}
    />
  )
}

interface SelectionBarProps {
  label: string
  selection: Selection
  /** What is told in place of how many are ticked. */
  told?: string
  /** Buttons. */
  children: ReactNode
}

/** The bar; nothing where nothing is ticked. */
export function SelectionBar({ label, selection, told, children }: SelectionBarProps) {
  const { ids, mark } = selection
  if (ids.size === 0) return null
  return (
    <div className={styles.bar} role="group" aria-label={label}>
      <span className={styles.count} role="status">
        {told ?? `${ids.size.toLocaleString('en')} selected`}
      </span>
      {children}
      <Button look="quiet" onClick={() => mark([...ids], false)}>
        Clear the selection
      </Button>
    </div>
  )
}
