// What people have reported of another orchestrator's new UI, eleven reports: none of it may happen here.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { openTab, startBrowser, URL_OF_UI } from './browser'
import { startProxy } from './proxy'
import { ask } from './server'

const MOST_REQUESTS = 8
/** A name of this run of the journeys: a stack keeps what earlier ones left. */
const SALT = Date.now().toString(36)
const HOUR = 3600_000

let browser: Browser
let flow: string
let deployment: string

beforeAll(async () => {
  browser = await startBrowser()
  flow = (await ask<{ id: string }>('/flows/', { name: `reported-${SALT}` })).id
  deployment = (
    await ask<{ id: string }>('/deployments/', {
      flow_id: flow,
      name: `nightly-${SALT}`,
      enforce_parameter_schema: true,
      parameter_openapi_schema: {
        type: 'object',
        required: ['customers'],
        properties: {
          customers: { type: 'array', items: { type: 'string' }, title: 'customers', position: 0 },
          since: { type: 'string', format: 'date-time', title: 'since', position: 1 },
        },
      },
    })
  ).id
})
afterAll(() => browser.close())

const runOf = (name: string, state: object, more: object = {}) =>
  ask<{ id: string }>('/flow_runs/', { flow_id: flow, name, state, ...more })
const completed = { type: 'COMPLETED', name: 'Completed' }

async function open(path: string): Promise<{ page: Page; requests: string[] }> {
  const { page, requests } = await openTab(browser)
  await page.goto(URL_OF_UI + path)
  await page.getByRole('heading', { level: 1 }).waitFor()
  return { page, requests }
}

describe('#23177: the title of the tab', () => {
  it('names the object, and follows where one goes', async () => {
    const run = await runOf(`titled-${SALT}`, completed)
    const { page } = await open(`/runs?flow=${flow}`)
    await expect.poll(() => page.title()).toBe('Runs · Ostinato')
    await page.getByRole('link', { name: `titled-${SALT}` }).click()
    await expect.poll(() => page.title()).toBe(`titled-${SALT} · Ostinato`)
    expect(page.url()).toContain(run.id)
    await page.goBack()
    await expect.poll(() => page.title()).toBe('Runs · Ostinato')
  })
})

describe('#22258: the size of a page', () => {
  it('is remembered where the address does not say it, on this list and on others', async () => {
    const { page } = await open('/deployments')
    const size = page.getByRole('combobox', { name: 'Rows on a page' })
    await size.selectOption('100')
    await expect.poll(() => page.url()).toContain('limit=100')
    await page.getByRole('link', { name: 'Flows', exact: true }).first().click()
    await page.getByRole('heading', { level: 1, name: 'Flows' }).waitFor()
    await expect.poll(() => size.inputValue()).toBe('100')
    await page.goto(`${URL_OF_UI}/deployments`)
    await expect.poll(() => size.inputValue()).toBe('100')
    await page.goto(`${URL_OF_UI}/runs?range=all`)
    await expect.poll(() => size.inputValue()).toBe('100')
  })
})

describe('#22494: filters, links and dates', () => {
  it('leaves a search in its field where nothing matches, to be typed on', async () => {
    const { page } = await open('/deployments')
    const search = page.getByRole('searchbox').first()
    await search.click()
    await page.keyboard.type(`nightly-${SALT}x`)
    await page.getByText('No deployment matches').waitFor()
    await page.keyboard.press('Backspace')
    await page.getByRole('link', { name: `nightly-${SALT}` }).waitFor()
    expect(await search.inputValue()).toBe(`nightly-${SALT}`)
  })

  it('makes links of the addresses in logs', async () => {
    const run = await runOf(`linked-${SALT}`, completed)
    const message = 'report: https://example.org/reports/7?full=yes, and \u001b[31mdone\u001b[0m'
    await ask('/logs/', [
      { name: 'flow', level: 20, message, timestamp: new Date().toISOString(), flow_run_id: run.id },
    ])
    const { page } = await open(`/runs/flow-run/${run.id}`)
    const link = page.getByRole('link', { name: 'https://example.org/reports/7?full=yes' })
    expect(await link.getAttribute('href')).toBe('https://example.org/reports/7?full=yes')
  })

  it('lets a date be typed, whatever its year', async () => {
    const { page } = await open(`/deployments/deployment/${deployment}`)
    await openRunForm(page)
    const since = page.getByRole('dialog').getByLabel(/^since/)
    await since.fill('1999-12-31T23:59')
    expect(await since.inputValue()).toMatch(/^1999-12-31T23:59/)
  })
})

describe('#22323: adding an item to a list', () => {
  it('starts no run', async () => {
    const { page } = await open(`/deployments/deployment/${deployment}`)
    await openRunForm(page)
    await page.getByRole('button', { name: 'Add item to customers' }).click()
    await page.getByRole('textbox', { name: /^customers 1/ }).fill('acme')
    await page.getByRole('button', { name: 'Add item to customers' }).first().click()
    await page.getByRole('textbox', { name: /^customers 2/ }).waitFor()
    const filter = { deployments: { id: { any_: [deployment] } } }
    expect(await ask('/flow_runs/count', filter)).toBe(0)
    expect(page.url()).toContain('/deployments/deployment/')
  })
})

describe('#22804: copy to a new run', () => {
  it('starts a run with what the other was given', async () => {
    const nobody = await ask<{ id: string }>('/deployments/', { flow_id: flow, name: `copied-${SALT}` })
    const parameters = { customer: 'acme', limits: [1, 2] }
    const of = { deployment_id: nobody.id, parameters }
    const run = await runOf(`copied-${SALT}`, { type: 'FAILED', name: 'Failed' }, of)
    const { page } = await open(`/runs/flow-run/${run.id}`)
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: 'Copy to a new run' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByRole('heading', { name: /Scheduled/ }).waitFor()
    expect(page.url()).not.toContain(run.id)
    await page.getByRole('tab', { name: 'Parameters' }).click()
    await page.getByText('"customer": "acme"').waitFor()
  })
})

describe('#22895: how late a run is', () => {
  it('is counted from when it was due', async () => {
    const due = new Date(Date.now() - 3 * HOUR).toISOString()
    const name = `late-${SALT}`
    const run = await runOf(name, { type: 'SCHEDULED', name: 'Late', state_details: { scheduled_time: due } })
    const { page } = await open(`/flows/flow/${flow}`)
    await page.getByRole('row', { name }).getByText(/3h/).first().waitFor()
    await page.goto(`${URL_OF_UI}/runs/flow-run/${run.id}?tab=details`)
    const lateBy = page.locator('dt', { hasText: 'Late by' }).locator('xpath=following-sibling::dd')
    expect(await lateBy.innerText()).toMatch(/^3h/)
  })
})

describe('#22685: the time zone of a schedule', () => {
  it('can be Asia/Singapore, by scrolling alone', async () => {
    const { page } = await open(`/deployments/deployment/${deployment}?tab=schedules`)
    await page.getByRole('button', { name: 'Add a schedule' }).first().click()
    await page.getByRole('button', { name: /^Time zone/ }).click()
    const zone = page.getByRole('option', { name: /Asia\/Singapore/ })
    await zone.scrollIntoViewIfNeeded()
    await zone.click()
    await page.getByRole('button', { name: /^Time zone: Asia\/Singapore/ }).waitFor()
  })
})

describe('#21082: what is shown while the next is asked for', () => {
  it('is told apart from the answer', async () => {
    await runOf(`shown-${SALT}`, completed)
    const { page } = await open(`/runs?flow=${flow}`)
    await page.getByRole('link', { name: `shown-${SALT}` }).waitFor()
    let answer = () => {}
    const held = new Promise<void>((resolve) => (answer = resolve))
    await page.route('**/api/flow_runs/paginate', async (route) => {
      await held
      await route.continue()
    })
    await page.getByRole('button', { name: 'All states' }).click()
    await page.getByRole('menuitemcheckbox', { name: 'Crashed' }).click()
    await page.keyboard.press('Escape')
    await page
      .locator('[aria-busy="true"]')
      .getByRole('link', { name: `shown-${SALT}` })
      .waitFor()
    answer()
    await page.getByText('No run matches').waitFor()
  })
})

describe('#21084: changing from one tab to another', () => {
  it('asks for no more than eight things, on all tabs of all pages that have some', async () => {
    const run = await runOf(`tabbed-${SALT}`, completed)
    for (const path of [`/runs/flow-run/${run.id}`, `/flows/flow/${flow}`, `/deployments/deployment/${deployment}`]) {
      const { page, requests } = await open(path)
      const tabs = page.getByRole('tab')
      for (let index = (await tabs.count()) - 1; index >= 0; index -= 1) {
        await page.waitForLoadState('networkidle')
        requests.length = 0
        await tabs.nth(index).click()
        await page.getByRole('tabpanel').waitFor()
        await page.waitForLoadState('networkidle')
        expect(requests.length, `${path}, tab ${index}`).toBeLessThanOrEqual(MOST_REQUESTS)
      }
      await page.context().close()
    }
  })
})

describe('#22539: how long a run took', () => {
  it('is said in hours and minutes, not in thousands of seconds', async () => {
    const name = `long-${SALT}`
    const run = await runOf(name, completed)
    const { page } = await openTab(browser)
    const start = new Date(Date.now() - 12 * HOUR)
    const long = {
      start_time: start.toISOString(),
      end_time: new Date(start.getTime() + 42_787_670).toISOString(),
      total_run_time: 42_787.67,
      estimated_run_time: 42_787.67,
    }
    for (const path of ['flow_runs/paginate', 'flow_runs/filter', `flow_runs/${run.id}`]) {
      await page.route(`**/api/${path}`, async (route) => {
        const response = await route.fetch()
        const body = (await response.json()) as object
        const json = JSON.parse(JSON.stringify(body), (_, value: unknown) =>
          isRun(value, run.id) ? { ...value, ...long } : value,
        ) as object
        await route.fulfill({ response, json })
      })
    }
    await page.goto(`${URL_OF_UI}/runs?flow=${flow}`)
    const row = page.getByRole('row', { name })
    await row.getByText('11h 53m').waitFor()
    expect(await row.innerText()).not.toMatch(/\d{4,}(\.\d+)? ?s/)
    await row.getByRole('link', { name }).click()
    await page.getByText('11h 53m').first().waitFor()
  })
})

describe('#18154: search and filters', () => {
  it('find a task that failed at the end of many', async () => {
    const run = await runOf(`many-tasks-${SALT}`, completed)
    const count = 450
    for (let first = 0; first < count; first += 25) {
      await Promise.all(Array.from({ length: 25 }, (_, index) => addTask(run.id, first + index, completed)))
    }
    await addTask(run.id, count, { type: 'FAILED', name: 'Failed' }, 'the-one-that-failed')
    const { page } = await open(`/runs/flow-run/${run.id}?tab=task-runs`)
    await page.getByRole('searchbox').last().fill('the-one-that')
    await page.getByRole('row', { name: /the-one-that-failed/ }).waitFor()
  })

  it('find a line at the end of a long log', async () => {
    const run = await runOf(`many-lines-${SALT}`, completed)
    const start = Date.now() - HOUR
    const lines = Array.from({ length: 1500 }, (_, index) => ({
      name: 'flow',
      level: 20,
      message: index === 1499 ? 'the needle' : `straw ${index}`,
      timestamp: new Date(start + index).toISOString(),
      flow_run_id: run.id,
    }))
    for (let first = 0; first < lines.length; first += 500) await ask('/logs/', lines.slice(first, first + 500))
    const { page } = await open(`/runs/flow-run/${run.id}`)
    await page.getByRole('searchbox', { name: /log/ }).fill('needle')
    await page.getByText('the needle').waitFor()
    await expect.poll(() => page.getByText(/^straw/).count()).toBe(0)

    // Who goes to the end at once reads nothing but the end.
    const asked: string[] = []
    page.on('request', (request) => request.url().endsWith('/ui/logs/page') && asked.push(request.url()))
    await page.goto(`${URL_OF_UI}/runs/flow-run/${run.id}?at=end`)
    await page.getByRole('log').getByText('the needle').waitFor()
    await page.waitForLoadState('networkidle')
    expect(asked).toHaveLength(1)
  })

  it('find a run beyond the first page, as a link and by name', async () => {
    await runOf(`aaa-first-${SALT}`, completed)
    for (let index = 0; index < 30; index += 1) await runOf(`later-${SALT}-${index}`, completed)
    const { page } = await open(`/runs?flow=${flow}&limit=25`)
    await page.getByRole('row', { name: `later-${SALT}-29` }).waitFor()
    expect(await page.getByRole('row', { name: `aaa-first-${SALT}` }).count()).toBe(0)
    await page.getByRole('searchbox').first().fill('aaa-first')
    await page.getByRole('row', { name: `aaa-first-${SALT}` }).waitFor()
    expect(page.url()).toContain('name=aaa-first')
  })
})

function addTask(run: string, index: number, state: object, name = `task-${index}`) {
  const keys = { task_key: 'many', dynamic_key: String(index) }
  return ask('/task_runs/', { flow_run_id: run, name, state, ...keys })
}

function isRun(value: unknown, id: string): value is object {
  return typeof value === 'object' && value !== null && 'id' in value && value.id === id && 'total_run_time' in value
}

async function openRunForm(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Run now' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Run', exact: true }).waitFor()
}

describe('other addresses than the server knows itself by', () => {
  // Only this browser knows the name.
  const NAME = 'flows.example.test'
  it.each([
    ['IPv6', '::1', '[::1]', undefined],
    ['a name', '127.0.0.1', NAME, undefined],
    ['a proxy that asks by a name of its own', '127.0.0.1', NAME, 'inside.example.test:8080'],
  ])('serve the page, its files, the API and news: %s', async (what, address, name, host) => {
    const proxy = await startProxy(address, host)
    const visitor = await startBrowser(`--host-resolver-rules=MAP ${NAME} 127.0.0.1`, '--no-proxy-server')
    try {
      const origin = `http://${name}:${proxy.port}`
      const { page, problems } = await openTab(visitor)
      const asked = new Set<string>()
      page.on('request', (request) => asked.add(new URL(request.url()).origin))
      page.on('websocket', (socket) => asked.add(new URL(socket.url()).origin.replace(/^ws/, 'http')))
      await page.goto(`${origin}/runs?flow=${flow}`)
      await page.getByRole('status').getByText('Live').waitFor()
      const run = `${what.replaceAll(' ', '-')}-${SALT}`
      await runOf(run, completed)
      await page.getByRole('link', { name: run }).click()
      await page.getByRole('heading', { level: 1, name: run }).waitFor()
      await page.reload()
      await page.getByRole('heading', { level: 1, name: run }).waitFor()
      expect(new URL(page.url()).origin).toBe(origin)
      expect([...asked]).toEqual([origin])
      expect(problems).toEqual([])
    } finally {
      await visitor.close()
      proxy.close()
    }
  })
})
