// Why a run waits: the server's causes in their order, each with what would help.
import { useQuery } from '@tanstack/react-query'

import { explanationQuery } from '@/api/flow-runs'
import { Panel } from '@/design/page'
import { Time } from '@/design/time'
import { QueryView } from '@/features/query-view'

import styles from './explanation-panel.module.css'

/** The panel. */
export function ExplanationPanel({ id }: { id: string }) {
  const explanation = useQuery(explanationQuery(id))
  return (
    <Panel title="Why it is not running">
      <QueryView query={explanation}>
        {({ verdict, causes }) => (
          <>
            <p className={styles.verdict}>{verdict}</p>
            <ul className={styles.causes}>
              {causes
                .filter(({ message }) => message !== verdict)
                .map((cause) => (
                  <li key={`${cause.code} ${cause.message}`} data-severity={cause.severity}>
                    {cause.message}
                    {cause.since !== null && (
                      <>
                        {' Since '}
                        <Time value={cause.since} />.
                      </>
                    )}
                    {cause.remedy !== null && <span className={styles.remedy}> {cause.remedy}</span>}
                  </li>
                ))}
            </ul>
          </>
        )}
      </QueryView>
    </Panel>
  )
}
