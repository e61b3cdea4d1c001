// Which lines are shown: what they hold, how grave they are, whose they are. All of it is looked for on the server.
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Download, Regex, X } from 'lucide-react'

import { useIsLoggedIn } from '@/api/auth'
import { messageOf } from '@/api/errors'
import { downloadLogs, logsAddress } from '@/api/logs'
import { Button, IconButton } from '@/design/button'
import { Select } from '@/design/field'
import { Row } from '@/design/page'
import { SearchInput } from '@/design/search-input'
import { notify } from '@/design/toast'
import { saveFile } from '@/lib/save-file'

import styles from './logs.module.css'
import { type Level, LEVELS, type LogsSearch } from './search'

const LEVEL_OPTIONS = LEVELS.map(
  (level) =>
    [level, level === 'all' ? 'All levels' : `${level.charAt(0).toUpperCase()}${level.slice(1)} and above`] as const,
)
const WHOSE_OPTIONS = [
  ['all', 'Flow and tasks'],
  ['flow', 'The flow only'],
] as const

interface LogFiltersProps {
  /** The flow run whose lines can be downloaded, and are of the flow and its tasks. */
  runId?: string
  search: LogsSearch
  onSearch: (search: LogsSearch) => void
}

/** The row of filters. */
export function LogFilters({ runId, search, onSearch }: LogFiltersProps) {
  const { by } = search
  return (
    <Row>
      <SearchInput
        label="Search in the logs"
        value={search.q ?? ''}
        onChange={(q) => onSearch({ ...search, q: q || undefined })}
      />
      <IconButton
        label="Regular expression"
        icon={<Regex size={16} aria-hidden />}
        aria-pressed={search.match === 'pattern'}
        onClick={() => onSearch({ ...search, match: search.match === 'pattern' ? undefined : 'pattern' })}
      />
      <Select
        aria-label="Level"
        options={LEVEL_OPTIONS}
        value={search.level ?? 'all'}
        onChange={(event) =>
          onSearch({
            ...search,
            level: event.target.value === 'all' ? undefined : (event.target.value as Level) /* an option */,
          })
        }
      />
      {runId !== undefined && (by === undefined || by === 'flow') && (
        <Select
          aria-label="Whose lines"
          options={WHOSE_OPTIONS}
          value={by ?? 'all'}
          onChange={(event) => onSearch({ ...search, by: event.target.value === 'all' ? undefined : 'flow' })}
        />
      )}
      {runId !== undefined && <DownloadLines runId={runId} />}
    </Row>
  )
}

/** Without a password the browser fetches them by itself; with one they are asked for with it, and then saved. */
function DownloadLines({ runId }: { runId: string }) {
  const download = useMutation({
    mutationFn: async () => saveFile(await downloadLogs(runId)),
    onError: (error) => notify(`The logs could not be downloaded: ${messageOf(error)}`, 'bad'),
  })
  const icon = <Download size={15} aria-hidden />
  if (useIsLoggedIn())
    return (
      <Button look="quiet" icon={icon} isBusy={download.isPending} onClick={() => download.mutate()}>
        Download
      </Button>
    )
  return (
    <a className={styles.download} href={logsAddress(runId)} download>
      {icon} Download
    </a>
  )
}

/** Says of which task only the lines are shown; nothing where they are the flow's own. */
export function TaskFilter({ by, name, onClear }: { by: string; name?: string; onClear: () => void }) {
  if (by === 'flow') return null
  return (
    <p className={styles.of}>
      Only lines of{' '}
      <Link to="/runs/task-run/$id" params={{ id: by }}>
        {name ?? 'a task'}
      </Link>
      <IconButton label="Show all lines" icon={<X size={15} aria-hidden />} onClick={onClear} />
    </p>
  )
}
