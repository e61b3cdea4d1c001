// What the address of the list of deployments can say, and the request that it means.
import type { DeploymentHealth, DeploymentsPlace, ListedDeploymentsAsked } from '@/api/deployments'
import type { DeploymentSort } from '@/api/types'
import { type ListSearch, readListSearch } from '@/lib/list-search'
import { PAGE_SIZES } from '@/lib/page-size'
import { oneOf, text } from '@/lib/search'

export const HEALTHS = ['ready', 'not-ready', 'paused'] as const satisfies readonly DeploymentHealth[]
export const SORTS = [
  'NAME_ASC',
  'NAME_DESC',
  'CREATED_DESC',
  'UPDATED_DESC',
] as const satisfies readonly DeploymentSort[]
const LIMIT = 50

export interface DeploymentsSearch extends ListSearch {
  flow?: string
  pool?: string
  status?: DeploymentHealth
  sort?: (typeof SORTS)[number]
  /** In folders by tags; a plain list where nothing is said. */
  view?: 'folders'
  /** The folder that is open; the top where nothing is said. */
  folder?: string
}

/** Read an address. */
export function readDeploymentsSearch(raw: Record<string, unknown>): DeploymentsSearch {
  return {
    ...readListSearch(raw, PAGE_SIZES),
    flow: text(raw, 'flow'),
    pool: text(raw, 'pool'),
    status: oneOf(raw, 'status', HEALTHS),
    sort: oneOf(raw, 'sort', SORTS),
    view: oneOf(raw, 'view', ['folders']),
    folder: text(raw, 'folder'),
  }
}

/** Which deployments an address asks for, whatever folder they are in. */
export function askedBy({ name, tags, flow, pool, status }: DeploymentsSearch): ListedDeploymentsAsked {
  return { name, tags, flowId: flow, workPool: pool, health: status }
}

/** The part of the list that an address asks for. */
export function placeOf({ view, folder, sort, page, limit }: DeploymentsSearch): DeploymentsPlace {
  return {
    sort: sort ?? 'NAME_ASC',
    page: page ?? 1,
    limit: limit ?? LIMIT,
    ...(view === 'folders' && { folder: folder ?? '' }),
  }
}

/** A change of the address that takes all filters away. */
export const UNFILTERED: Partial<DeploymentsSearch> = {
  name: undefined,
  tags: undefined,
  flow: undefined,
  pool: undefined,
  status: undefined,
}

/** Whether an address asks for some deployments only, in whatever folder. */
export function isFiltered(search: DeploymentsSearch): boolean {
  return Object.values(askedBy(search)).some((value) => value !== undefined)
}
