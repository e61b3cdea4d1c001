// The latest artifacts of keys as cards, each with a glance at what it holds.
import { Link } from '@tanstack/react-router'

import { Badge } from '@/design/badge'
import { Time } from '@/design/time'
import { FlowRunLink } from '@/features/flow-runs/public'

import { ArtifactGlance } from './artifact-glance'
import styles from './artifacts-grid.module.css'
import type { ArtifactRow } from './artifacts-table'

/** The cards. */
export function ArtifactsGrid({ rows }: { rows: ArtifactRow[] }) {
  return (
    <ul aria-label="Artifacts" className={styles.grid}>
      {rows.map(({ artifact, run }) => (
        <li key={artifact.id} className={styles.card}>
          <div className={styles.head}>
            <Link to="/artifacts/artifact/$id" params={{ id: artifact.latest_id }} className={styles.key}>
              {artifact.key}
            </Link>
            {artifact.type && <Badge>{artifact.type}</Badge>}
          </div>
          {artifact.description && <p className={styles.description}>{artifact.description}</p>}
          <ArtifactGlance artifact={artifact} />
          <div className={styles.foot}>
            {artifact.updated && <Time value={artifact.updated} look="relative" />}
            {artifact.flow_run_id && <FlowRunLink id={artifact.flow_run_id} name={run ?? 'Its run'} />}
          </div>
        </li>
      ))}
    </ul>
  )
}
