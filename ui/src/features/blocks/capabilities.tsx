// What blocks can do: to see, and to filter by.
import { useQuery } from '@tanstack/react-query'

import { capabilitiesQuery } from '@/api/blocks'
import { Badge } from '@/design/badge'
import { Select } from '@/design/field'
import { Row } from '@/design/page'

/** What a block can do, as badges. */
export function Capabilities({ words }: { words: readonly string[] }) {
  if (words.length === 0) return null
  return (
    <Row>
      {words.map((word) => (
        <Badge key={word}>{word}</Badge>
      ))}
    </Row>
  )
}

/** What blocks must be able to do. */
export function CapabilityFilter({
  value,
  onChange,
}: {
  value: string | undefined
  onChange: (capability: string | undefined) => void
}) {
  const known = useQuery(capabilitiesQuery()).data ?? []
  const words = value === undefined || known.includes(value) ? known : [value, ...known]
  return (
    <Select
      aria-label="Capability"
      options={[['', 'Any capability'], ...[...words].sort().map((word) => [word, word] as const)]}
      value={value ?? ''}
      onChange={(event) => onChange(event.target.value || undefined)}
    />
  )
}
