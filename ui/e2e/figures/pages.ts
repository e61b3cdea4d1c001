// Figures of pages: the first load, the way from one to another, a long list, and whether everybody can use them.
import type { Browser, Page } from 'playwright-core'

import { accessibilityProblems, openTab, URL_OF_UI, type Watched } from '../browser'
import { countBytes, heapOf } from './devtools'
import { type Cost, type Figure, middle, middleOf, plain } from './figure'
import { costOf } from './work'

const ROUNDS = 3
const LOOKS = [{ dark: false }, { dark: true }]

/** What of the application a tab that was never here fetches until nothing more comes, and when the dashboard stands. */
export async function firstLoad({ page, requests }: Watched) {
  const bytes = await countBytes(page)
  await page.goto(`${URL_OF_UI}/dashboard`)
  await page.getByRole('heading', { level: 2, name: 'Activity' }).waitFor()
  const seconds = (await page.evaluate(() => performance.now())) / 1000
  await page.waitForLoadState('networkidle')
  return { kilobytes: bytes() / 1000, seconds, requests: requests.length }
}

/** The dashboard, opened by somebody who was never here. */
export async function measureLoad(browser: Browser): Promise<Figure[]> {
  const loads: Awaited<ReturnType<typeof firstLoad>>[] = []
  const time = await middleOf(ROUNDS, async () => {
    const tab = await openTab(browser)
    const cost = await costOf(browser, async () => {
      const load = await firstLoad(tab)
      loads.push(load)
      return load.seconds
    })
    await tab.page.context().close()
    return cost
  })
  const most = (of: (load: (typeof loads)[number]) => number) => plain(Math.max(...loads.map(of)))
  return [
    {
      what: 'first load, page, scripts and styles (gzipped)',
      ...most((each) => each.kilobytes),
      unit: 'KB',
      most: 250,
    },
    { what: 'first load, until the dashboard stands', ...time, unit: 's', most: 1 },
    { what: 'first load, requests of the API', ...most((each) => each.requests), unit: '', most: 8 },
  ]
}

/** From each page of the navigation to the next, some times around. */
export async function measureRoutes(browser: Browser): Promise<Figure[]> {
  const { page, requests } = await openTab(browser)
  await page.goto(`${URL_OF_UI}/dashboard`)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.waitForLoadState('networkidle')
  const count = await page.getByRole('navigation').first().getByRole('link').count()
  const costs: Cost[][] = Array.from({ length: count }, () => [])
  let mostRequests = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let index = count - 1; index >= 0; index -= 1) {
      requests.length = 0
      costs[index]?.push(await costOf(browser, () => timeToTitle(page, index)))
      await page.waitForLoadState('networkidle')
      mostRequests = Math.max(mostRequests, requests.length)
    }
  }
  const heap = await heapOf(page)
  await page.context().close()
  const pages = costs.map(middle)
  const slowest = pages.reduce((most, each) => (each.value > most.value ? each : most))
  return [
    { what: 'route change, the middle of all pages', ...middle(costs.flat()), unit: 'ms', most: 150 },
    { what: 'route change, the slowest page', ...slowest, unit: 'ms', most: 150 },
    { what: 'requests of a page view, the most', ...plain(mostRequests), unit: '', most: 8 },
    { what: 'heap after all pages, three times', ...plain(heap), unit: 'MB', most: 300 },
  ]
}

/** The list of so many deployments, from another page. */
export async function measureDeployments(browser: Browser, count: number): Promise<Figure[]> {
  const shown = count.toLocaleString('en')
  const time = await middleOf(ROUNDS, async () => {
    const { page } = await openTab(browser)
    await page.goto(`${URL_OF_UI}/flows`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.waitForLoadState('networkidle')
    const cost = await costOf(browser, () => timeToRow(page))
    await page.getByText(`of ${shown}`).first().waitFor()
    await page.context().close()
    return cost
  })
  return [{ what: `${shown} deployments, from the click to the rows`, ...time, unit: 'ms', most: 500 }]
}

/** What axe finds on these pages, light and dark. */
export async function measureAccessibility(browser: Browser, paths: readonly string[]): Promise<Figure[]> {
  const problems: string[] = []
  for (const look of LOOKS) {
    const { page } = await openTab(browser, look)
    for (const path of paths) {
      await page.goto(URL_OF_UI + path)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.waitForLoadState('networkidle')
      problems.push(...(await accessibilityProblems(page)).map((problem) => `${path}: ${problem}`))
    }
    await page.context().close()
  }
  for (const problem of problems) console.log(problem)
  const what = `violations that axe finds on ${paths.length} pages, light and dark`
  return [{ what, ...plain(problems.length), unit: '', most: 0 }]
}

/** Milliseconds from the click on a link of the navigation until the page that it leads to is drawn. */
function timeToTitle(page: Page, link: number): Promise<number> {
  return page.evaluate(async (index) => {
    const before = document.title
    const start = performance.now()
    document.querySelectorAll<HTMLElement>('nav a')[index]?.click()
    while (document.title === before && performance.now() - start < 10_000) await new Promise(requestAnimationFrame)
    await new Promise(requestAnimationFrame)
    return performance.now() - start
  }, link)
}

/** Milliseconds from the click on "Deployments" until its rows are drawn. */
function timeToRow(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const start = performance.now()
    document.querySelector<HTMLElement>('nav a[href$="deployments"]')?.click()
    const isThere = () => document.querySelector('main a[href*="deployments/deployment/"]') !== null
    while (!isThere() && performance.now() - start < 30_000) await new Promise(requestAnimationFrame)
    await new Promise(requestAnimationFrame)
    return performance.now() - start
  })
}
