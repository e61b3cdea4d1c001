// Every page: no error, nobody shut out, nothing beyond the edge, few requests, a title of its own.
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { accessibilityProblems, openTab, startBrowser, URL_OF_UI } from './browser'
import { firstLoad } from './figures/pages'
import { ask } from './server'

const MOST_REQUESTS = 8
/** Asked once for the whole application, and renewed by events: whether an incident is open. */
const OF_THE_SHELL = '/incidents/filter'
/** Kilobytes, as they come over the line. */
const MOST_AT_FIRST = 250
const LOOKS = [
  { width: 1440, dark: false },
  { width: 1440, dark: true },
  { width: 390, dark: false },
  { width: 390, dark: true },
]

let browser: Browser
const ids: Record<string, string> = {}

beforeAll(async () => {
  browser = await startBrowser()
  ids.flow = (await ask<{ id: string }>('/flows/', { name: 'seen' })).id
  ids.run = (
    await ask<{ id: string }>('/flow_runs/', {
      flow_id: ids.flow,
      name: 'seen-run',
      state: { type: 'FAILED', name: 'Failed', message: 'ValueError: no price' },
    })
  ).id
  const task = { flow_run_id: ids.run, task_key: 'seen', dynamic_key: '0', name: 'seen-task' }
  ids.task = (await ask<{ id: string }>('/task_runs/', { ...task, state: { type: 'COMPLETED' } })).id
  ids.deployment = (
    await ask<{ id: string }>('/deployments/', {
      flow_id: ids.flow,
      name: 'seen-deployment',
      tags: ['prod'],
      schedules: [{ schedule: { cron: '0 2 * * *', timezone: 'Europe/Berlin' } }],
    })
  ).id
  await ask('/work_pools/', { name: 'seen-pool', type: 'process' })
  await ask('/work_pools/seen-pool/workers/heartbeat', { name: 'seen-worker', heartbeat_interval_seconds: 3600 })
  await ask('/variables/', { name: 'seen_variable', value: { a: 1 } })
  await ask('/logs/', [
    { name: 'flow', level: 30, message: 'careful', timestamp: new Date().toISOString(), flow_run_id: ids.run },
  ])
  await makeAutomation()
  await makeBlock()
  ids.limit = (await ask<{ id: string }>('/v2/concurrency_limits/', { name: 'seen-limit', limit: 3 })).id
  const holder = { type: 'flow_run', id: ids.run }
  await ask('/v2/concurrency_limits/increment-with-lease', { names: ['seen-limit'], slots: 1, holder })
  ids.artifact = (
    await ask<{ id: string }>('/artifacts/', { key: 'seen-report', type: 'markdown', data: '# Seen\n\nA [link](/).' })
  ).id
  await makeWatched()
  ids.event = crypto.randomUUID()
  const resource = { 'prefect.resource.id': 'seen.thing', 'prefect.resource.name': 'A thing' }
  const event = { id: ids.event, event: 'thing.arrived', resource, related: [], payload: { size: 3 } }
  await ask('/events', [{ ...event, occurred: new Date().toISOString() }])
}, 60_000)
afterAll(() => browser.close())

async function makeWatched() {
  const template = '{"event": "order.{{ body.action }}", "resource": {"prefect.resource.id": "order"}}'
  ids.webhook = (await ask<{ id: string }>('/webhooks/', { name: 'seen-webhook', template })).id
  const related_resources = [{ 'prefect.resource.id': `prefect.flow-run.${ids.run}` }]
  const incident = { name: 'Seen to be slow', severity: 'high', summary: 'It is slow.', related_resources }
  ids.incident = (await ask<{ id: string }>('/incidents/', incident)).id
  await ask(`/incidents/${ids.incident}/comments`, { text: 'We know.' })
  const owner_resource = `prefect.deployment.${ids.deployment}`
  ids.sla = (await ask<{ id: string }>('/slas/', { name: 'seen-agreement', duration: 60, owner_resource })).id
}

async function makeAutomation() {
  ids.automation = (
    await ask<{ id: string }>('/automations/', {
      name: 'seen-automation',
      trigger: { type: 'event', posture: 'Reactive', expect: ['prefect.flow-run.Failed'], threshold: 1, within: 0 },
      actions: [{ type: 'do-nothing' }],
    })
  ).id
}

async function makeBlock() {
  await ask('/block_types/install_system_block_types', {})
  const types = await ask<{ id: string }[]>('/block_types/filter', { block_types: { slug: { any_: ['secret'] } } })
  const block_type_id = types[0]?.id
  const schemas = await ask<{ id: string }[]>('/block_schemas/filter', {
    block_schemas: { block_type_id: { any_: [block_type_id] } },
  })
  const block = { name: 'seen-block', data: { value: 'hidden' }, block_type_id, block_schema_id: schemas[0]?.id }
  ids.block = (await ask<{ id: string }>('/block_documents/', block)).id
}

const PAGES: [title: string, path: () => string][] = [
  ['Dashboard', () => '/dashboard'],
  ['Runs', () => '/runs'],
  ['Task runs', () => '/runs?tab=task-runs'],
  ['Runs', () => '/runs?states=["CRASHED"]'],
  ['seen-run', () => `/runs/flow-run/${ids.run}`],
  ['seen-run', () => `/runs/flow-run/${ids.run}?tab=details`],
  ['seen-run', () => `/runs/flow-run/${ids.run}?q=care(ful)%3F&match=pattern`],
  ['seen-task', () => `/runs/task-run/${ids.task}?tab=inputs`],
  ['seen-task', () => `/runs/task-run/${ids.task}`],
  ['Flows', () => '/flows'],
  ['seen', () => `/flows/flow/${ids.flow}`],
  ['Deployments', () => '/deployments'],
  ['Deployments', () => '/deployments?view=folders'],
  ['Deployments', () => '/deployments?status=paused&tags=["none"]'],
  ['seen-deployment', () => `/deployments/deployment/${ids.deployment}`],
  ['seen-deployment', () => `/deployments/deployment/${ids.deployment}?tab=versions`],
  ['seen-deployment', () => `/deployments/deployment/${ids.deployment}?tab=triggers`],
  ['seen-deployment', () => `/deployments/deployment/${ids.deployment}?tab=slas`],
  ['Edit seen-deployment', () => `/deployments/edit/${ids.deployment}`],
  ['Work pools', () => '/work-pools'],
  ['New work pool', () => '/work-pools/new'],
  ['New work pool', () => '/work-pools/new?type=process&step=details'],
  ['seen-pool', () => '/work-pools/work-pool/seen-pool?tab=workers'],
  ['seen-pool', () => '/work-pools/work-pool/seen-pool?tab=queues'],
  ['seen-pool', () => '/work-pools/work-pool/seen-pool?tab=template'],
  ['Edit seen-pool', () => '/work-pools/work-pool/seen-pool/edit'],
  ['default', () => '/work-pools/work-pool/seen-pool/queue/default'],
  ['seen-worker', () => '/work-pools/work-pool/seen-pool/worker/seen-worker'],
  ['Variables', () => '/variables'],
  ['Events', () => '/events'],
  ['thing.arrived A thing', () => `/events/event/${ids.event}`],
  ['Automations', () => '/automations'],
  ['seen-automation', () => `/automations/automation/${ids.automation}`],
  ['New automation', () => '/automations/new'],
  ['Change seen-automation', () => `/automations/edit/${ids.automation}`],
  ['Blocks', () => '/blocks'],
  ['Block types', () => '/blocks/catalogue'],
  ['New block: Secret', () => '/blocks/new/secret'],
  ['seen-block', () => `/blocks/block/${ids.block}`],
  ['Change seen-block', () => `/blocks/edit/${ids.block}`],
  ['Concurrency limits', () => '/concurrency-limits'],
  ['Incidents', () => '/incidents'],
  ['Seen to be slow', () => `/incidents/incident/${ids.incident}`],
  ['SLAs', () => '/slas'],
  ['seen-agreement', () => `/slas/sla/${ids.sla}`],
  ['Webhooks', () => '/webhooks'],
  ['seen-webhook', () => `/webhooks/webhook/${ids.webhook}`],
  ['New webhook', () => '/webhooks/new'],
  ['Change seen-webhook', () => `/webhooks/edit/${ids.webhook}`],
  ['seen-limit', () => `/concurrency-limits/concurrency-limit/${ids.limit}`],
  ['Artifacts', () => '/artifacts'],
  ['Artifacts', () => '/artifacts?view=grid'],
  ['seen-report', () => `/artifacts/artifact/${ids.artifact}`],
  ['seen-report', () => `/artifacts/artifact/${ids.artifact}?tab=raw`],
  ['Settings', () => '/settings'],
]

/** Addresses that lead on to another page. */
const LEADS_ON = ['/']

it('has a line for every page that there is', () => {
  const lines = PAGES.map(([, path]) => path().replace(/\?.*/, ''))
  expect(routes().filter((route) => !lines.some((line) => fits(route, line)))).toEqual(LEADS_ON)
})

/** The addresses that the files below `src/routes` stand for: `/runs/flow-run/$id`. */
function routes(): string[] {
  const folder = fileURLToPath(new URL('../src/routes', import.meta.url))
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.tsx') && !file.endsWith('.test.tsx') && !file.startsWith('__'))
    .map((file) => `/${file.replace(/\.tsx$/, '').replaceAll('.', '/')}`.replace(/\/index$/, '') || '/')
    .sort()
}

function fits(route: string, path: string): boolean {
  const parts = route.split('/')
  const given = path.split('/')
  return parts.length === given.length && parts.every((part, at) => part.startsWith('$') || part === given[at])
}

it('loads little at first', async () => {
  const tab = await openTab(browser)
  expect((await firstLoad(tab)).kilobytes).toBeLessThanOrEqual(MOST_AT_FIRST)
  await tab.page.context().close()
})

describe.each(LOOKS)('$width pixels wide, dark: $dark', (look) => {
  it.each(PAGES)('%s', async (title, path) => {
    const { page, problems, requests } = await openTab(browser, look)
    await page.goto(URL_OF_UI + path())
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.waitForLoadState('networkidle')
    expect(await page.title()).toBe(`${title} · Ostinato`)
    expect(await accessibilityProblems(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0)
    expect(requests.filter((url) => !url.endsWith(OF_THE_SHELL)).length).toBeLessThanOrEqual(MOST_REQUESTS)
    expect(problems).toEqual([])
    await page.context().close()
  })
})
