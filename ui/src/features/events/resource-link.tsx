// A resource of an event, as a link to its page where it has one.
import { Link } from '@tanstack/react-router'

import { kindWords, type ResourceWords } from './resources'

/** The link; a resource without a page is told by its name. */
export function ResourceLink({ resource, hasKind = true }: { resource: ResourceWords; hasKind?: boolean }) {
  const { kind, id, key, name } = resource
  const label = name ?? (kind === undefined ? id : `${key.slice(0, 8)}…`)
  const lead = hasKind && kind !== undefined ? `${kindWords(kind)} ` : ''
  return (
    <span title={id}>
      {lead}
      <Target resource={resource} label={label} keyOf={key} />
    </span>
  )
}

function Target({
  resource: { kind, name },
  label,
  keyOf: id,
}: {
  resource: ResourceWords
  label: string
  keyOf: string
}) {
  switch (kind) {
    case 'flow-run':
      return (
        <Link to="/runs/flow-run/$id" params={{ id }}>
          {label}
        </Link>
      )
    case 'task-run':
      return (
        <Link to="/runs/task-run/$id" params={{ id }}>
          {label}
        </Link>
      )
    case 'flow':
      return (
        <Link to="/flows/flow/$id" params={{ id }}>
          {label}
        </Link>
      )
    case 'deployment':
      return (
        <Link to="/deployments/deployment/$id" params={{ id }}>
          {label}
        </Link>
      )
    case 'automation':
      return (
        <Link to="/automations/automation/$id" params={{ id }}>
          {label}
        </Link>
      )
    case 'incident':
      return (
        <Link to="/incidents/incident/$id" params={{ id }}>
          {label}
        </Link>
      )
    case 'webhook':
      return (
        <Link to="/webhooks/webhook/$id" params={{ id }}>
          {label}
        </Link>
      )
    case 'sla':
      return (
        <Link to="/slas/sla/$id" params={{ id }}>
          {label}
        </Link>
      )
    case 'event':
      return (
        <Link to="/events/event/$id" params={{ id }}>
          {label}
        </Link>
      )
    case 'work-pool':
      if (name === undefined) return label
      return (
        <Link to="/work-pools/work-pool/$name" params={{ name }}>
          {label}
        </Link>
      )
    case 'tag':
      return (
        <Link to="/runs" search={{ tags: [id] }}>
          {label}
        </Link>
      )
    default:
      return label
  }
}
