// What a list is filtered by, each as a thing to take away.
import { X } from 'lucide-react'

import { Button } from '@/design/button'
import { Row } from '@/design/page'

export interface GivenFilter {
  /** In words: `tag: nightly`. */
  text: string
  onRemove: () => void
}

/** The row; nothing where nothing is filtered. */
export function GivenFilters({ given, onClear }: { given: readonly GivenFilter[]; onClear: () => void }) {
  if (given.length === 0) return null
  return (
    <Row>
      {given.map(({ text, onRemove }) => (
        <Button
          key={text}
          icon={<X size={14} aria-hidden />}
          aria-label={`Do not filter by ${text}`}
          onClick={onRemove}
        >
          {text}
        </Button>
      ))}
      <Button look="quiet" onClick={onClear}>
        Clear
      </Button>
    </Row>
  )
}
