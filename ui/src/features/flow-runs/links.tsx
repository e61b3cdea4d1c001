// Links to flow runs and to what they belong to.
import { Link } from '@tanstack/react-router'

/** A link to a flow run by its name. */
export function FlowRunLink({ id, name }: { id: string; name: string }) {
  return (
    <Link to="/runs/flow-run/$id" params={{ id }}>
      {name}
    </Link>
  )
}
