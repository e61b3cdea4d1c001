// Which server this is, and how it is.
import { useQuery } from '@tanstack/react-query'

import { apiAddress } from '@/api/address'
import { useLiveStatus } from '@/api/live'
import { apiVersionQuery, databaseQuery, maintenanceQuery, versionQuery } from '@/api/server'
import { Badge } from '@/design/badge'
import { Facts, Panel } from '@/design/page'
import { Time } from '@/design/time'
import { QueryView } from '@/features/query-view'

const LIVE_WORDS = { open: 'follows what happens', connecting: 'is being opened', refused: 'was refused' } as const

/** The panel. */
export function ServerPanel() {
  const version = useQuery(versionQuery())
  const address = apiAddress()
  return (
    <Panel title="Server">
      <QueryView query={version} errorTitle="The server could not be asked">
        {(number) => (
          <Facts
            facts={[
              ['Clients of', <span key="version">Prefect {String(number)}</span>],
              ['Version of the API', <ApiVersion key="api" />],
              ['Address of the API', <code key="address">{address}</code>],
              ['Database', <Database key="database" />],
              ['Live socket', <LiveState key="live" />],
              ['Maintenance', <Maintenance key="maintenance" />],
              [
                'To read on',
                <a key="docs" href={`${address}/docs`}>
                  The API, to browse and try
                </a>,
              ],
            ]}
          />
        )}
      </QueryView>
    </Panel>
  )
}

function ApiVersion() {
  return <>{useQuery(apiVersionQuery()).data ?? '…'}</>
}

function Database() {
  const { data: answers, isError } = useQuery(databaseQuery())
  if (answers === undefined && !isError) return '…'
  return answers ? <Badge tone="good">answers</Badge> : <Badge tone="bad">does not answer</Badge>
}

function LiveState() {
  const status = useLiveStatus()
  return <Badge tone={status === 'open' ? 'good' : 'warn'}>{LIVE_WORDS[status]}</Badge>
}

function Maintenance() {
  const notice = useQuery(maintenanceQuery()).data
  if (notice === undefined) return '…'
  if (!notice.is_on) return 'None'
  return (
    <>
      <Badge tone="warn">now</Badge> {notice.message} {notice.since && <Time value={notice.since} look="relative" />}
    </>
  )
}
