// Values that change with each letter, taken once they rest.
import { useEffect, useState } from 'react'

const PAUSE = 300

/** The value, once it has not changed for a moment. */
export function useSettled(value: string): string {
  const [settled, settle] = useState(value)
  useEffect(() => {
    if (settled === value) return
    const timer = setTimeout(() => settle(value), PAUSE)
    return () => clearTimeout(timer)
  }, [settled, value])
  return settled
}
