// A choice of time zone: all that the server knows, found by typing a part of the name, with their clocks of now.
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'

import { timeZonesQuery } from '@/api/schedules'
import { Combobox } from '@/design/combobox'
import { useNow } from '@/lib/clock'
import { offsetAt, offsetText, VIEWER } from '@/lib/zones'

interface ZonePickerProps {
  label: string
  value: string
  onChange: (zone: string) => void
  'aria-describedby'?: string
  'aria-invalid'?: boolean
}

const MINUTE = 60_000

/** The picker. The viewer's own zone and UTC come first. */
export function ZonePicker(props: ZonePickerProps) {
  const [isAsked, setAsked] = useState(false)
  const zones = useQuery({ ...timeZonesQuery(), enabled: isAsked })
  const minute = Math.floor(useNow() / MINUTE)
  const options = useMemo(() => {
    const first = [...new Set([VIEWER, 'UTC', ...(zones.data ?? [])])]
    return first.map((value) => ({ value, detail: distance(value, minute * MINUTE) }))
  }, [zones.data, minute])
  return <Combobox {...props} options={options} onOpen={() => setAsked(true)} none="No time zone has that name." />
}

function distance(zone: string, now: number): string | undefined {
  try {
    return `UTC${offsetText(offsetAt(now, zone))}`
  } catch {
    return undefined // a zone that this browser does not know
  }
}
