// The folders that tags make, right below the one that is open, and the way back up.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Folder } from 'lucide-react'
import { Fragment } from 'react'

import { deploymentFoldersQuery } from '@/api/deployments'
import type { DeploymentFolder } from '@/api/types'
import { Panel } from '@/design/page'
import { QueryView } from '@/features/query-view'

import styles from './folders.module.css'
import { askedBy, type DeploymentsSearch } from './list-search'

const SEPARATOR = '/'

/** The panel; nothing in a folder that holds no others. */
export function FoldersPanel({ search }: { search: DeploymentsSearch }) {
  const open = search.folder ?? ''
  const folders = useQuery(deploymentFoldersQuery(askedBy(search), open))
  if (folders.data?.length === 0) return open === '' ? null : <Way search={search} open={open} />
  return (
    <>
      {open !== '' && <Way search={search} open={open} />}
      <Panel title="Folders">
        <QueryView query={folders} errorTitle="The folders could not be loaded">
          {(found) => (
            <ul className={styles.folders}>
              {found.map((folder) => (
                <li key={folder.path}>
                  <FolderLink folder={folder} search={search} />
                </li>
              ))}
            </ul>
          )}
        </QueryView>
      </Panel>
    </>
  )
}

function FolderLink({ folder, search }: { folder: DeploymentFolder; search: DeploymentsSearch }) {
  return (
    <Link to="/deployments" search={{ ...search, page: undefined, folder: folder.path }} className={styles.folder}>
      <Folder size={18} aria-hidden className={styles.icon} />
      <span className={styles.name}>{folder.name}</span> <span className={styles.count}>{inWords(folder)}</span>
    </Link>
  )
}

/** `12 deployments, 2 not served, 1 paused`. */
function inWords({ deployments, not_ready: idle, paused }: DeploymentFolder): string {
  const parts = [deployments === 1 ? '1 deployment' : `${deployments.toLocaleString('en')} deployments`]
  if (idle > 0) parts.push(`${idle.toLocaleString('en')} not served`)
  if (paused > 0) parts.push(`${paused.toLocaleString('en')} paused`)
  return parts.join(', ')
}

/** `All / team / etl`. */
function Way({ search, open }: { search: DeploymentsSearch; open: string }) {
  const parts = open.split(SEPARATOR)
  const to = (folder: string | undefined) => ({ ...search, page: undefined, folder })
  return (
    <nav aria-label="Folders above" className={styles.way}>
      <Link to="/deployments" search={to(undefined)}>
        All folders
      </Link>
      {parts.map((part, index) => {
        const path = parts.slice(0, index + 1).join(SEPARATOR)
        return (
          <Fragment key={path}>
            <span aria-hidden>/</span>
            {path === open ? (
              <span aria-current="location">{part}</span>
            ) : (
              <Link to="/deployments" search={to(path)}>
                {part}
              </Link>
            )}
          </Fragment>
        )
      })}
    </nav>
  )
}
