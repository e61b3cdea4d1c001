// That something is wrong, said around every page for as long as an incident is open.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Siren } from 'lucide-react'

import { openIncidentsQuery } from '@/api/incidents'
import { SEVERITIES } from '@/design/severity'

import styles from './incidents.module.css'

/** A link to the open incident, or to the list of several; nothing where all is well. */
export function IncidentSignal() {
  const open = useQuery(openIncidentsQuery()).data ?? []
  const [first] = [...open].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))
  if (first === undefined) return null
  const isBad = SEVERITIES.indexOf(first.severity) <= SEVERITIES.indexOf('high')
  const words = open.length === 1 ? first.name : `${open.length} open incidents`
  const face = (
    <>
      <Siren size={15} aria-hidden />
      <span className={styles.signalText}>{words}</span>
    </>
  )
  const common = { className: styles.signal, 'data-bad': isBad || undefined, 'aria-label': `Open incident: ${words}` }
  return open.length === 1 ? (
    <Link to="/incidents/incident/$id" params={{ id: first.id }} {...common}>
      {face}
    </Link>
  ) : (
    <Link to="/incidents" search={{ status: 'open' }} {...common}>
      {face}
    </Link>
  )
}
