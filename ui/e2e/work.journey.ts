// A day's work with runs that the real SDK makes: watch one, fix and retry another, plan some, answer one that asks,
// let an automation act, and end many at once.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { openTab, startBrowser, URL_OF_UI } from './browser'
import { runCli, runScript, stopScripts } from './sdk'
import { ask } from './server'

/** A name of this run of the journeys: a stack keeps what earlier ones left. */
const SALT = Date.now().toString(36)
let browser: Browser

beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(async () => {
  await browser.close()
  await stopScripts()
})

it('runs a flow, and watches it live from its first task to its end', async () => {
  const { page, problems } = await openTab(browser)
  const name = `watched-${SALT}`
  const flow = await ask<{ id: string }>('/flows/', { name })
  await page.goto(`${URL_OF_UI}/runs?flow=${flow.id}`)
  await page.getByText('No run matches').waitFor()
  const script = runScript(`
import os, time
from ostinato import flow, task

@task
def extract():
    print("extracting")
    while not os.path.exists("go"):
        time.sleep(0.05)

@task
def load():
    print("loading")

@flow(log_prints=True, name="${name}")
def watched():
    extract()
    load()

watched()
`)
  const row = page.getByRole('row', { name })
  await row.getByRole('link').first().click()
  await page.getByRole('heading', { name: /Running/ }).waitFor()
  await page.getByText('extracting').waitFor()
  expect(await page.getByText('loading').count()).toBe(0)
  script.tell('go')
  await page.getByText('loading').waitFor()
  await page.getByRole('heading', { name: /Completed/ }).waitFor()
  await page.getByRole('tab', { name: /Task runs/ }).click()
  for (const task of ['extract', 'load']) {
    await page
      .getByRole('row', { name: new RegExp(task) })
      .getByText('Completed')
      .waitFor()
  }
  await script.succeed()
  expect(problems).toEqual([])
})

it('finds a failure, reads why, and retries it once its cause is mended', async () => {
  const flow = `invoices-${SALT}`
  const variable = `currency_${SALT}`
  await ask('/variables/', { name: variable, value: 'GLD' })
  runScript(`
from ostinato import flow
from ostinato.variables import Variable

@flow(name="${flow}", log_prints=True)
def invoices():
    currency = Variable.get("${variable}")
    if currency not in ("EUR", "USD"):
        raise ValueError(f"{currency} is no currency, says ${flow}")
    print(f"billed in {currency}")

if __name__ == "__main__":
    invoices.serve(name="nightly")
`)
  const { page, problems } = await openTab(browser)
  await page.goto(`${URL_OF_UI}/deployments?name=${flow}`)
  await page.getByRole('link', { name: 'nightly' }).click()
  await page.getByText('Ready', { exact: true }).first().waitFor()
  await page.getByRole('button', { name: 'Run now' }).click()
  await page.getByRole('heading', { name: /Failed/ }).waitFor()
  const run = page.url()

  await page.goto(URL_OF_UI)
  await page.getByText(`says ${flow}`).first().waitFor()
  const cause = page.getByRole('listitem').filter({ hasText: `says ${flow}` })
  await cause.getByRole('link').last().click()
  await page.getByLabel('Message of the state').getByText(`GLD is no currency`).waitFor()
  expect(page.url()).toBe(run)

  await runCli('variable', 'set', variable, 'EUR', '--overwrite').succeed()
  await page.getByRole('button', { name: 'Retry' }).click()
  await page.getByRole('heading', { name: /Completed/ }).waitFor()
  await page.getByText('billed in EUR').waitFor()
  expect(problems).toEqual([])
})

it('gives a deployment a schedule in a zone of its own, and sees the runs that it makes', async () => {
  const flow = await ask<{ id: string }>('/flows/', { name: `scheduled-${SALT}` })
  const deployment = await ask<{ id: string }>('/deployments/', { flow_id: flow.id, name: 'mornings' })
  const { page, problems } = await openTab(browser)
  await page.goto(`${URL_OF_UI}/deployments/deployment/${deployment.id}?tab=schedules`)
  await page.getByRole('button', { name: 'Add a schedule' }).click()
  const dialog = page.getByRole('dialog', { name: 'New schedule' })
  await dialog.getByLabel('Cron expression').fill('30 6 * * *')
  await dialog.getByRole('button', { name: /^Time zone/ }).click()
  await page.keyboard.type('singapore')
  await page.getByRole('option', { name: /Asia\/Singapore/ }).click()
  await dialog.getByText(/06:30/).first().waitFor()
  await dialog.getByRole('button', { name: 'Add the schedule' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await page
    .getByText(/Singapore/)
    .first()
    .waitFor()
  await page.getByRole('tab', { name: 'Upcoming' }).click()
  await page
    .getByRole('row', { name: /Scheduled/ })
    .first()
    .waitFor()
  const runs = await ask<{ expected_start_time: string }[]>('/flow_runs/filter', {
    deployments: { id: { any_: [deployment.id] } },
  })
  expect([...new Set(runs.map(({ expected_start_time: due }) => due.slice(11, 16)))]).toEqual(['22:30'])
  expect(problems).toEqual([])
})

it('changes what a deployment says of itself, and makes a copy whose schedules wait to be turned on', async () => {
  const flow = await ask<{ id: string }>('/flows/', { name: `changed-${SALT}` })
  const schedule = { active: true, schedule: { cron: '0 5 * * *', timezone: 'UTC' } }
  const original = { flow_id: flow.id, name: 'evenings', tags: ['kept'], schedules: [schedule] }
  const { id } = await ask<{ id: string }>('/deployments/', original)
  const { page, problems } = await openTab(browser)
  await page.goto(`${URL_OF_UI}/deployments/deployment/${id}`)
  await page.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'Edit' }).click()
  await page.getByLabel('Description').fill('What the evening brings.')
  await page.getByRole('button', { name: 'Save the deployment' }).click()
  await page.getByText('What the evening brings.').waitFor()

  await page.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'Duplicate' }).click()
  const dialog = page.getByRole('dialog', { name: 'Duplicate evenings' })
  await dialog.getByLabel('Name of the copy').fill('nights')
  await dialog.getByRole('button', { name: 'Make the copy' }).click()
  await page.getByRole('heading', { name: 'nights' }).waitFor()
  type Stored = { description: string; tags: string[]; schedules: { active: boolean }[] }
  const wanted = { flows: { id: { any_: [flow.id] } }, sort: 'NAME_ASC' }
  const [kept, copy] = await ask<Stored[]>('/deployments/filter', wanted)
  expect([copy?.description, copy?.tags, copy?.schedules.map(({ active }) => active)]).toEqual([
    'What the evening brings.',
    ['kept'],
    [false],
  ])
  expect(kept?.schedules.map(({ active }) => active)).toEqual([true])
  expect(problems).toEqual([])
})

it('answers a run that waits for a person, by its form', async () => {
  const name = `approval-${SALT}`
  const script = runScript(`
from ostinato import flow, pause_flow_run
from ostinato.input import RunInput

class Approval(RunInput):
    reviewer: str
    rows: int = 10

@flow(log_prints=True, flow_run_name="${name}")
def publish():
    asked = Approval.with_initial_data(description="May the **March** report go out?", rows=25)
    answer = pause_flow_run(wait_for_input=asked, timeout=600, poll_interval=1)
    print(f"published {answer.rows} rows, says {answer.reviewer}")

publish()
`)
  const { page, problems } = await openTab(browser)
  await page.goto(`${URL_OF_UI}/runs?name=${name}`)
  await page.getByRole('link', { name }).click()
  await page.getByRole('heading', { name: /Paused/ }).waitFor()
  await page.getByRole('button', { name: 'Resume…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('report go out?').waitFor()
  await dialog.getByRole('button', { name: 'Resume' }).click()
  await dialog.getByText('A value is needed.').waitFor()
  await dialog.getByLabel(/^Reviewer/).fill('ada')
  await dialog.getByLabel(/^Rows/).fill('40')
  await dialog.getByRole('button', { name: 'Resume' }).click()
  await page.getByText('published 40 rows, says ada').waitFor()
  await page.getByRole('heading', { name: /Completed/ }).waitFor()
  await script.succeed()
  expect(problems).toEqual([])
})

it('builds an automation, tries it out and sees it fire', async () => {
  const name = `pause-after-failure-${SALT}`
  const flow = await ask<{ id: string }>('/flows/', { name: `automated-${SALT}` })
  const deployment = await ask<{ id: string }>('/deployments/', { flow_id: flow.id, name: 'hourly' })
  const fail = () =>
    ask('/flow_runs/', {
      flow_id: flow.id,
      deployment_id: deployment.id,
      name: `fails-${SALT}`,
      state: { type: 'FAILED', name: 'Failed', message: 'OSError: disk full' },
    })
  const { page, problems } = await openTab(browser)
  await page.goto(`${URL_OF_UI}/automations`)
  await page.getByRole('link', { name: 'New automation' }).first().click()
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('Action 1', { exact: true }).selectOption({ label: 'Pause a deployment' })
  await page.getByLabel('Which', { exact: true }).last().selectOption({ label: 'That of the event' })
  await page.getByRole('button', { name: 'Save the automation' }).click()
  await page.getByRole('heading', { level: 1, name: new RegExp(name) }).waitFor()
  await fail()
  await page.getByRole('tab', { name: 'Firings' }).click()
  await page.getByText('It has not fired').waitFor({ state: 'hidden' })
  await page.goto(`${URL_OF_UI}/deployments/deployment/${deployment.id}`)
  await page.getByText('Paused', { exact: true }).first().waitFor()
  expect(problems).toEqual([])
})

it('cancels all runs that match, not only those on the page', async () => {
  const count = 30
  const flow = await ask<{ id: string }>('/flows/', { name: `many-${SALT}` })
  const state = { type: 'SCHEDULED', name: 'Scheduled' }
  for (let each = 0; each < count; each += 1) {
    await ask('/flow_runs/', { flow_id: flow.id, name: `many-${SALT}-${each}`, state })
  }
  const { page, problems } = await openTab(browser)
  await page.goto(`${URL_OF_UI}/runs?flow=${flow.id}&limit=25`)
  await page.getByRole('checkbox', { name: 'Select all on this page' }).click()
  await page.getByRole('button', { name: `Select all ${count} that match` }).click()
  await page.getByRole('group', { name: 'The selected runs' }).getByRole('button', { name: 'Cancel' }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Cancel 30 runs/ })
    .click()
  await expect
    .poll(() => ask('/flow_runs/count', { flow_runs: cancelled, flows: { id: { any_: [flow.id] } } }), {
      timeout: 60_000,
    })
    .toBe(count)
  await page
    .getByRole('row', { name: /Cancelled/ })
    .first()
    .waitFor()
  await expect.poll(() => page.getByRole('row', { name: /Scheduled/ }).count(), { timeout: 30_000 }).toBe(0)
  expect(problems).toEqual([])
})

const cancelled = { state: { type: { any_: ['CANCELLED'] } } }
