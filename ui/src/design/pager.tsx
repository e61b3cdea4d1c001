// The way through the pages of a list, and how long they are: both live in the address, the length is remembered, too.
import { ChevronLeft, ChevronRight } from 'lucide-react'

import { keepPageSize, PAGE_SIZES } from '@/lib/page-size'

import { IconButton } from './button'
import { Select } from './field'
import styles from './pager.module.css'

export { PAGE_SIZES }

const SIZE_OPTIONS = PAGE_SIZES.map((size) => [String(size), `${size} a page`] as const)

interface PagerProps {
  page: number
  limit: number
  count: number
  onPage: (page: number) => void
  /** Left out where the pages have a length of their own. */
  onLimit?: (limit: number) => void
}

/** The pager below a list. */
export function Pager({ page, limit, count, onPage, onLimit }: PagerProps) {
  const first = (page - 1) * limit + 1
  const last = Math.min(page * limit, count)
  return (
    <nav className={styles.pager} aria-label="Pages">
      <span className={styles.count}>
        {count === 0
          ? 'None'
          : `${first.toLocaleString('en')}–${last.toLocaleString('en')} of ${count.toLocaleString('en')}`}
      </span>
      {onLimit !== undefined && (
        <Select
          aria-label="Rows on a page"
          options={SIZE_OPTIONS}
          value={String(limit)}
          onChange={(event) => {
            const size = Number(event.target.value)
            keepPageSize(size)
            onLimit(size)
          }}
        />
      )}
      <IconButton
        label="The page before"
        icon={<ChevronLeft size={17} aria-hidden />}
        disabled={page <= 1}
        onClick={() => onPage(page - 1)}
      />
      <IconButton
        label="The next page"
        icon={<ChevronRight size={17} aria-hidden />}
        disabled={last >= count}
        onClick={() => onPage(page + 1)}
      />
    </nav>
  )
}
