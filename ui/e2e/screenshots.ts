// The pictures of the documentation: every page as a desktop and as a telephone show it, the main ones dark, too.
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { openTab, startBrowser, URL_OF_UI } from './browser'

const FOLDER = process.env.OSTINATO_UI_IMG ?? fileURLToPath(new URL('../../docs/user/img', import.meta.url))
/** Objects of the server's showcase (`tests/showcase`), by name. */
const IDS = JSON.parse(process.env.OSTINATO_UI_SHOWN ?? '{}') as Record<string, string>
const TALLEST = 1400
const QUALITY = 72
const MOST_BYTES = 6_000_000

interface Look {
  name: string
  width: number
  height: number
  dark: boolean
}
const DESKTOP: Look = { name: 'wide', width: 1440, height: 900, dark: false }
const DARK: Look = { name: 'dark', width: 1440, height: 900, dark: true }
const TELEPHONE: Look = { name: 'narrow', width: 390, height: 844, dark: false }

interface Picture {
  name: string
  path: string
  isMain?: boolean
  /** What to do before the picture is taken. */
  before?: (page: Page) => Promise<void>
}

const of = (path: string, name: string) => `${path}/${IDS[name]}`

const PICTURES: Picture[] = [
  { name: 'dashboard', path: '/dashboard', isMain: true },
  { name: 'runs', path: '/runs', isMain: true },
  { name: 'runs-failed', path: '/runs?states=["FAILED","CRASHED"]' },
  { name: 'flow-run', path: of('/runs/flow-run', 'run daily-revenue'), isMain: true },
  { name: 'flow-run-task-runs', path: `${of('/runs/flow-run', 'run daily-revenue')}?tab=task-runs` },
  { name: 'flow-run-details', path: `${of('/runs/flow-run', 'run daily-revenue')}?tab=details` },
  { name: 'flow-run-failed', path: of('/runs/flow-run', 'run invoice-export'), isMain: true },
  { name: 'flow-run-late', path: of('/runs/flow-run', 'run late') },
  {
    name: 'flow-run-paused',
    path: of('/runs/flow-run', 'run model-training'),
    before: async (page) => {
      await page.getByRole('button', { name: 'Resume…' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).waitFor()
    },
  },
  { name: 'task-run', path: of('/runs/task-run', 'task') },
  { name: 'flows', path: '/flows' },
  { name: 'flow', path: of('/flows/flow', 'flow invoice-export') },
  { name: 'deployments', path: '/deployments', isMain: true },
  { name: 'deployments-folders', path: '/deployments?view=folders' },
  { name: 'deployment', path: of('/deployments/deployment', 'deployment daily-revenue'), isMain: true },
  { name: 'deployment-schedules', path: `${of('/deployments/deployment', 'deployment daily-revenue')}?tab=schedules` },
  { name: 'deployment-versions', path: `${of('/deployments/deployment', 'deployment daily-revenue')}?tab=versions` },
  { name: 'deployment-triggers', path: `${of('/deployments/deployment', 'deployment daily-revenue')}?tab=triggers` },
  { name: 'deployment-slas', path: `${of('/deployments/deployment', 'deployment daily-revenue')}?tab=slas` },
  { name: 'deployment-edit', path: of('/deployments/edit', 'deployment daily-revenue') },
  { name: 'work-pools', path: '/work-pools' },
  { name: 'work-pool', path: '/work-pools/work-pool/kubernetes-eu' },
  { name: 'work-pool-workers', path: '/work-pools/work-pool/kubernetes-eu?tab=workers' },
  { name: 'work-pool-new', path: '/work-pools/new' },
  { name: 'work-queue', path: '/work-pools/work-pool/kubernetes-eu/queue/urgent' },
  { name: 'worker', path: '/work-pools/work-pool/kubernetes-eu/worker/worker-eu-1' },
  { name: 'automations', path: '/automations' },
  { name: 'automation', path: of('/automations/automation', 'automation') },
  { name: 'automation-new', path: '/automations/new', isMain: true },
  { name: 'events', path: '/events', isMain: true },
  { name: 'event', path: of('/events/event', 'event') },
  { name: 'variables', path: '/variables' },
  { name: 'blocks', path: '/blocks' },
  { name: 'block-types', path: '/blocks/catalogue' },
  { name: 'block-new', path: '/blocks/new/secret' },
  { name: 'block', path: of('/blocks/block', 'block on-call') },
  { name: 'concurrency-limits', path: '/concurrency-limits' },
  { name: 'concurrency-limit', path: of('/concurrency-limits/concurrency-limit', 'limit') },
  { name: 'webhooks', path: '/webhooks' },
  { name: 'webhook', path: of('/webhooks/webhook', 'webhook') },
  { name: 'webhook-new', path: '/webhooks/new' },
  { name: 'incidents', path: '/incidents' },
  { name: 'incident', path: of('/incidents/incident', 'incident') },
  { name: 'slas', path: '/slas' },
  { name: 'sla', path: of('/slas/sla', 'sla') },
  { name: 'artifacts', path: '/artifacts' },
  { name: 'artifacts-grid', path: '/artifacts?view=grid' },
  { name: 'artifact', path: of('/artifacts/artifact', 'artifact') },
  { name: 'settings', path: '/settings' },
]

let browser: Browser
let bytes = 0
beforeAll(async () => {
  browser = await startBrowser()
  rmSync(FOLDER, { recursive: true, force: true })
  mkdirSync(FOLDER, { recursive: true })
})
afterAll(() => browser.close())

describe.each([DESKTOP, DARK, TELEPHONE])('$name', (look) => {
  it.each(PICTURES.filter(({ isMain }) => isMain || !look.dark))('$name', async (picture) => {
    const { page, problems } = await openTab(browser, look)
    await page.goto(URL_OF_UI + picture.path)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.waitForLoadState('networkidle')
    await picture.before?.(page)
    await page.evaluate(() => document.fonts.ready)
    const file = join(FOLDER, `${picture.name}-${look.name}.webp`)
    await take(page, look, file)
    bytes += statSync(file).size
    expect(problems).toEqual([])
    await page.context().close()
  })
})

it('are small enough to be kept', () => {
  expect(bytes).toBeLessThan(MOST_BYTES)
})

/** Write what a page shows, as far as it reaches: only the browser itself can write WebP. */
async function take(page: Page, look: Look, file: string): Promise<void> {
  const reach = await page.evaluate(() => document.documentElement.scrollHeight)
  const height = Math.min(TALLEST, Math.max(look.height, reach))
  await page.setViewportSize({ width: look.width, height })
  const session = await page.context().newCDPSession(page)
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY })
  writeFileSync(file, Buffer.from(data, 'base64'))
}
