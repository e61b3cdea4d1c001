// What people come for: watch a run, find a failure and read why, run a deployment.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { openTab, startBrowser, URL_OF_UI } from './browser'
import { ask } from './server'

let browser: Browser
let flow: string

beforeAll(async () => {
  browser = await startBrowser()
  flow = (await ask<{ id: string }>('/flows/', { name: 'journey' })).id
})
afterAll(() => browser.close())

const makeRun = (name: string, state: object) => ask<{ id: string }>('/flow_runs/', { flow_id: flow, name, state })
const setState = (id: string, state: object) => ask(`/flow_runs/${id}/set_state`, { state, force: true })
const log = (id: string, message: string) =>
  ask('/logs/', [{ name: 'flow', level: 20, message, timestamp: new Date().toISOString(), flow_run_id: id }])

it('shows a run as it goes on, without a reload', async () => {
  const run = await makeRun('watched', { type: 'PENDING', name: 'Pending' })
  const { page, problems } = await openTab(browser)
  await page.goto(`${URL_OF_UI}/runs/flow-run/${run.id}`)
  await page.getByText('Live', { exact: true }).waitFor()
  await page.getByRole('heading', { name: /Pending/ }).waitFor()
  await setState(run.id, { type: 'RUNNING', name: 'Running' })
  await page.getByRole('heading', { name: /Running/ }).waitFor()
  await log(run.id, 'a line while we look')
  await page.getByText('a line while we look').waitFor()
  await setState(run.id, { type: 'COMPLETED', name: 'Completed' })
  await page.getByRole('heading', { name: /Completed/ }).waitFor()
  expect(problems).toEqual([])
})

it('leads from the dashboard to a failure and its reason', async () => {
  const name = `failing-${Date.now()}`
  const run = await makeRun(name, { type: 'RUNNING', name: 'Running' })
  await setState(run.id, {
    type: 'FAILED',
    name: 'Failed',
    message: `ConnectionError: the warehouse is away, says ${name}`,
  })
  const { page } = await openTab(browser)
  await page.goto(URL_OF_UI)
  await page.getByText(`says ${name}`).waitFor()
  await page.getByRole('link', { name }).click()
  await page.getByLabel('Message of the state').getByText('the warehouse is away').waitFor()
  expect(page.url()).toBe(`${URL_OF_UI}/runs/flow-run/${run.id}`)
})

it('keeps filters in the address, through a reload and the way back', async () => {
  const name = `crashed-${Date.now()}`
  await makeRun(name, { type: 'CRASHED', name: 'Crashed' })
  const { page } = await openTab(browser)
  await page.goto(`${URL_OF_UI}/runs`)
  await page.getByRole('button', { name: 'All states' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Crashed' }).click()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: '1 state' }).waitFor()
  await page.reload()
  await page.getByRole('link', { name }).waitFor()
  await page.getByRole('button', { name: '1 state' }).waitFor()
  await page.getByRole('link', { name }).click()
  await page.getByRole('heading', { name: new RegExp(name) }).waitFor()
  await page.goBack()
  await page.getByRole('button', { name: '1 state' }).waitFor()
})

it('runs a deployment with parameters of its own', async () => {
  const schema = {
    type: 'object',
    required: ['customer'],
    properties: {
      customer: { type: 'string', title: 'customer', position: 0 },
      limit: { type: 'integer', default: 10, position: 1 },
    },
  }
  const deployment = await ask<{ id: string }>('/deployments/', {
    flow_id: flow,
    name: 'on-demand',
    parameter_openapi_schema: schema,
    enforce_parameter_schema: true,
  })
  const { page } = await openTab(browser)
  await page.goto(`${URL_OF_UI}/deployments/deployment/${deployment.id}`)
  await page.getByRole('button', { name: 'Run now' }).click()
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByText('A value is needed.').waitFor()
  await page.getByLabel('customer (required)').fill('acme')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByRole('heading', { name: /Scheduled/ }).waitFor()
  await page.getByRole('tab', { name: 'Parameters' }).click()
  await page.getByText('"customer": "acme"').waitFor()
})
