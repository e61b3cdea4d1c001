// The agreements of a deployment, and when they were not kept.
import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'

import { slasQuery } from '@/api/slas'
import { Button } from '@/design/button'
import { EmptyState } from '@/design/empty-state'
import { Panel } from '@/design/page'
import { QueryView } from '@/features/query-view'

import { SlaDialog } from './sla-dialog'
import { SlasTable } from './slas-table'
import { ViolationsOfDeployment } from './violations'
import { resourceOf } from './words'

const MOST = 100

/** The panels; `name` is that of the deployment after its flow's. */
export function SlasOfDeployment({ id, name }: { id: string; name: string }) {
  const [isNew, setNew] = useState(false)
  const owner = { kind: 'deployment', key: id } as const
  const slas = useQuery(slasQuery({ owner: resourceOf(owner), page: 1, limit: MOST }))
  const add = (
    <Button icon={<Plus size={15} aria-hidden />} onClick={() => setNew(true)}>
      Add an agreement
    </Button>
  )
  return (
    <>
      <Panel title="Service level agreements" actions={add} isFlush>
        <QueryView query={slas} errorTitle="The agreements could not be loaded">
          {({ results }) =>
            results.length === 0 ? (
              <EmptyState title="No agreements" snippet={`ostinato sla set '${name}' quick --ends-within 10m`}>
                An agreement says by when its runs end or begin, or how often one completes. What is not kept is told.
              </EmptyState>
            ) : (
              <SlasTable slas={results} />
            )
          }
        </QueryView>
      </Panel>
      <ViolationsOfDeployment id={id} />
      {isNew && <SlaDialog sla={null} owner={owner} isOwnerFixed onClose={() => setNew(false)} />}
    </>
  )
}
