// The server's settings, to read: they are set by its environment, and secrets are not shown.
import { useQuery } from '@tanstack/react-query'

import { settingsQuery } from '@/api/server'
import { EmptyState } from '@/design/empty-state'
import { Panel } from '@/design/page'
import { SearchInput } from '@/design/search-input'
import { QueryView } from '@/features/query-view'

import { groupsOf, type Setting } from './groups'
import styles from './settings.module.css'

interface ServerSettingsProps {
  name: string | undefined
  onName: (name: string | undefined) => void
}

/** The panel. */
export function ServerSettings({ name, onName }: ServerSettingsProps) {
  const settings = useQuery(settingsQuery())
  return (
    <Panel
      title="Settings of the server"
      actions={
        <SearchInput label="Name of the setting" value={name ?? ''} onChange={(next) => onName(next || undefined)} />
      }
    >
      <QueryView query={settings} errorTitle="The settings could not be loaded">
        {(tree) => {
          const groups = groupsOf(tree, name)
          if (groups.length === 0) return <EmptyState title="No setting has that name" />
          return (
            <>
              <p className={styles.quiet}>
                Read by the server when it starts, from its environment or its <code>.env</code> file.
              </p>
              {groups.map(({ title, settings: all }) => (
                <details key={title} open={name !== undefined} className={styles.group}>
                  <summary>
                    {title} <span className={styles.quiet}>{all.length}</span>
                  </summary>
                  <dl className={styles.settings}>
                    {all.map((setting) => (
                      <div key={setting.name}>
                        <dt>
                          <code>{setting.name}</code>
                        </dt>
                        <dd>
                          <Value of={setting} />
                        </dd>
                      </div>
                    ))}
                  </dl>
                </details>
              ))}
            </>
          )
        }}
      </QueryView>
    </Panel>
  )
}

function Value({ of: { value } }: { of: Setting }) {
  if (value === null || value === '') return <span className={styles.quiet}>Not set</span>
  if (typeof value === 'boolean') return value ? 'Yes' : 'No'
  return <code>{String(value)}</code>
}
