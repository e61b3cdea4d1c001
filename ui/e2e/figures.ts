// What the UI costs, against the targets that it was built for: written to OSTINATO_UI_FIGURES, for `tests/showcase`.
import { writeFileSync } from 'node:fs'

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, it } from 'vitest'

import { startBrowser } from './browser'
import type { Figure } from './figures/figure'
import { measureAccessibility, measureDeployments, measureLoad, measureRoutes } from './figures/pages'
import { measureLog, measureTasks } from './figures/run'

interface Measured {
  /** The ids of the runs with many tasks and a long log. */
  many: string
  long: string
  /** How many there are. */
  tasks: string
  lines: string
  deployments: string
}

// By `tests/showcase/large.py`.
const { many, long, tasks, lines, deployments } = JSON.parse(process.env.OSTINATO_UI_SHOWN ?? '{}') as Measured
const PAGES = ['/dashboard', '/runs', '/flows', '/deployments', `/runs/flow-run/${many}`, `/runs/flow-run/${long}`]

let browser: Browser
const figures: Figure[] = []

beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(async () => {
  const found = { browser: `Chromium ${browser.version()}`, figures }
  writeFileSync(process.env.OSTINATO_UI_FIGURES ?? '/dev/stdout', `${JSON.stringify(found, null, 2)}\n`)
  await browser.close()
})

it.each([
  ['the first load', () => measureLoad(browser)],
  ['the way from page to page', () => measureRoutes(browser)],
  ['many deployments', () => measureDeployments(browser, Number(deployments))],
  ['a run of many tasks', () => measureTasks(browser, many, Number(tasks))],
  ['a long log', () => measureLog(browser, long, Number(lines))],
  ['accessibility', () => measureAccessibility(browser, PAGES)],
])('%s', async (_, measure) => {
  figures.push(...(await measure()))
})
