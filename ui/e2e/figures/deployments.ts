// Figures of the list of deployments: many of them, as large as real ones are, are made by the API, and looked at.
import type { Browser, Page } from 'playwright-core'

import { openTab, URL_OF_UI } from '../browser'
import { ask } from '../server'

const AT_ONCE = 20
const ROUNDS = 3
const RAN = 50
const RUNS = 20
/** So that names of one measurement come before all others, on the first page. */
const NAME = '0-listed'

export interface DeploymentFigures {
  /** Milliseconds from the address to the rows: 50 a page, 200 a page, in folders. */
  list: number
  long: number
  folders: number
  /** Bytes of what the API answers for 50 rows, with their last runs; not compressed. */
  bytes: number
}

/** Measure with so many deployments. They are made anew, and stay. */
export async function measureDeployments(browser: Browser, count = 2000): Promise<DeploymentFigures> {
  await makeDeployments(count)
  const { page } = await openTab(browser)
  const bytes = await answersOf(page, () => page.goto(`${URL_OF_UI}/deployments?limit=50`))
  const list = await timesOf(page, 'limit=50', 'tbody a[href*="deployments/deployment/"]')
  const long = await timesOf(page, 'limit=200', 'tbody a[href*="deployments/deployment/"]')
  const folders = await timesOf(page, 'view=folders', 'a[href*="folder="]')
  await page.context().close()
  return { list, long, folders, bytes }
}

/** Milliseconds from the change of the address, in the application as it runs, until what it asks for is drawn. */
async function timesOf(page: Page, query: string, drawn: string): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    // Loaded anew, so that no answer is kept; then by the navigation, so that what loads is not measured.
    await page.goto(`${URL_OF_UI}/deployments?${query}`)
    await page.locator(drawn).first().waitFor()
    await page.goto(`${URL_OF_UI}/settings`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.waitForLoadState('networkidle')
    times.push(await timeTo(page, query, drawn))
  }
  return times.toSorted((one, other) => one - other)[Math.floor(ROUNDS / 2)] ?? Number.NaN
}

function timeTo(page: Page, query: string, drawn: string): Promise<number> {
  return page.evaluate(
    async ([to, selector]) => {
      const start = performance.now()
      history.pushState({}, '', to)
      dispatchEvent(new PopStateEvent('popstate', { state: {} }))
      while (document.querySelector(selector) === null && performance.now() - start < 30_000)
        await new Promise(requestAnimationFrame)
      return performance.now() - start
    },
    [`${new URL(URL_OF_UI).pathname.replace(/\/$/, '')}/deployments?${query}`, drawn] as const,
  )
}

/** Bytes of what the API answers about deployments, not compressed, while something is shown. */
async function answersOf(page: Page, show: () => Promise<unknown>): Promise<number> {
  let bytes = 0
  const counted: Promise<void>[] = []
  page.on('response', (response) => {
    if (!response.url().includes('/api/ui/deployments/')) return
    counted.push(response.body().then((body) => void (bytes += body.length)))
  })
  await show()
  await page.waitForLoadState('networkidle')
  await Promise.all(counted)
  page.removeAllListeners('response')
  return bytes
}

async function makeDeployments(count: number) {
  const flow = (await ask<{ id: string }>('/flows/', { name: 'figures-of-lists' })).id
  for (let first = 0; first < count; first += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, index) => first + index)
    const made = await Promise.all(some.map((number) => ask<{ id: string }>('/deployments/', deployment(flow, number))))
    if (first >= RAN) continue
    for (const { id } of made) {
      const runs = Array.from({ length: RUNS }, () => ({ state: { type: 'COMPLETED', name: 'Completed' } }))
      await ask(`/deployments/${id}/create_flow_run/bulk`, runs)
    }
  }
}

/** A deployment with a schedule, tags, and as many parameters as a flow of some size has. */
function deployment(flow_id: string, number: number) {
  const description = 'What this means, and what happens to the data where it is left out.'
  const parameters = Array.from({ length: 20 }, (_, index) => `parameter_${index}`)
  return {
    flow_id,
    name: `${NAME}-${String(number).padStart(5, '0')}`,
    tags: [`team-${number % 40}/${number % 7 === 0 ? 'daily' : 'hourly'}`, 'measured'],
    schedules: [{ schedule: { cron: `${number % 60} 3 * * *`, timezone: 'Europe/Berlin' }, active: false }],
    parameter_openapi_schema: {
      type: 'object',
      title: 'Parameters',
      properties: Object.fromEntries(
        parameters.map((title, position) => [title, { title, position, description, type: 'string', default: 'x' }]),
      ),
    },
  }
}
