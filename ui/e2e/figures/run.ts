// Figures of the page of a run: one of very many tasks, and one with a very long log.
import type { Browser, Page } from 'playwright-core'

import { openTab, URL_OF_UI } from '../browser'
import { busyOf, drawn, heapOf } from './devtools'
import { type Cost, type Figure, middleOf, plain } from './figure'
import { costOf } from './work'

const ROUNDS = 3
const IDLE = 5000

/** The page of a run of so many tasks: the time-line with the rest of the page, the graph, and what they keep busy. */
export async function measureTasks(browser: Browser, run: string, tasks: number): Promise<Figure[]> {
  const of = `${tasks.toLocaleString('en')} tasks`
  const interactive = await middleOf(ROUNDS, async () => {
    const { page } = await openTab(browser)
    const cost = await costOf(browser, () => timeToUse(page, run, tasks))
    await page.context().close()
    return cost
  })
  const { page } = await openTab(browser)
  await timeToUse(page, run, tasks)
  const heap = await heapOf(page)
  const busy = await busyOf(page, IDLE)
  const graph = await costOf(browser, () => timeToGraph(page))
  const heapWithGraph = await heapOf(page)
  await page.context().close()
  return [
    { what: `a run of ${of}, until it can be used`, ...interactive, unit: 's', most: 2 },
    { what: `a run of ${of}, heap`, ...plain(heap), unit: 'MB', most: 300 },
    { what: `a run of ${of}, heap with its graph`, ...plain(heapWithGraph), unit: 'MB', most: 300 },
    { what: `a run of ${of}, processor while left alone`, ...plain(busy), unit: '%', most: null },
    { what: `the graph of ${of}, from the click`, ...graph, unit: 's', most: 2 },
  ]
}

/** The page of a run with a log of so many lines: its start, its end, and what only the last line holds. */
export async function measureLog(browser: Browser, run: string, lines: number): Promise<Figure[]> {
  const address = `${URL_OF_UI}/runs/flow-run/${run}`
  const of = `${lines.toLocaleString('en')} lines`
  const last = `line ${lines - 1}`
  const open = (query: string, text: string) => middleOf(ROUNDS, () => timeToLine(browser, address + query, text))
  const found = (query: string) => timeToLine(browser, address + query, last)
  // As the router writes what looks like JSON.
  const words = encodeURIComponent(JSON.stringify(`"${last} of"`))
  const pattern = encodeURIComponent(`${last}\\b`)
  return [
    { what: `a log of ${of}, until its first line is read`, ...(await open('', 'line 0 of')), unit: 's', most: 1 },
    { what: `a log of ${of}, until its last line is read`, ...(await open('?at=end', last)), unit: 's', most: 1 },
    { what: `words that only the last of ${of} holds`, ...(await found(`?q=${words}`)), unit: 's', most: null },
    {
      what: `an expression that only the last of ${of} matches`,
      ...(await found(`?match=pattern&q=${pattern}`)),
      unit: 's',
      most: null,
    },
  ]
}

/** Seconds from the opening of the page until its time-line stands and another tab shows its rows. */
async function timeToUse(page: Page, run: string, tasks: number): Promise<number> {
  const began = Date.now()
  await page.goto(`${URL_OF_UI}/runs/flow-run/${run}`)
  await page.getByRole('region', { name: `Time-line of ${tasks} runs` }).waitFor()
  await page.getByRole('tab', { name: 'Task runs' }).click()
  const rows = page.getByRole('tabpanel').getByRole('link', { name: /^double-/ })
  await rows.first().waitFor()
  return (Date.now() - began) / 1000
}

async function timeToGraph(page: Page): Promise<number> {
  const asked = Date.now()
  await page.getByRole('button', { name: 'Graph', exact: true }).click()
  await page.getByRole('button', { name: /^Show the graph/ }).click()
  await page.getByRole('application').waitFor()
  await drawn(page)
  return (Date.now() - asked) / 1000
}

/** Seconds from the opening of an address until a line of the log is seen. */
async function timeToLine(browser: Browser, address: string, line: string): Promise<Cost> {
  const { page } = await openTab(browser)
  const cost = await costOf(browser, async () => {
    const began = Date.now()
    await page.goto(address)
    await page.getByRole('log').getByText(line).first().waitFor()
    return (Date.now() - began) / 1000
  })
  await page.context().close()
  return cost
}
