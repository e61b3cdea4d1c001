// A filter that is typed: it takes effect when the typing pauses, so that each letter is not a request.
import { useEffect, useState } from 'react'

import { TextInput } from './field'

const PAUSE = 300

interface SearchInputProps {
  label: string
  value: string
  onChange: (value: string) => void
}

/** A search field. */
export function SearchInput({ label, value, onChange }: SearchInputProps) {
  const [typed, setTyped] = useState(value)
  const [known, setKnown] = useState(value)
  if (known !== value) {
    // The address has changed by another way than typing.
    setKnown(value)
    if (typed.trim() !== value) setTyped(value)
  }
  useEffect(() => {
    const wanted = typed.trim()
    if (wanted === value) return
    const timer = setTimeout(() => onChange(wanted), PAUSE)
    return () => clearTimeout(timer)
  }, [typed, value, onChange])
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={label}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
      style={{ width: '18rem', maxWidth: '100%' }}
    />
  )
}
