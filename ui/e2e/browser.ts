// The browser of the journeys, and what every page must hold.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

import { type Browser, chromium, type Page } from 'playwright-core'

export const URL_OF_UI = process.env.OSTINATO_UI_URL ?? 'http://127.0.0.1:4200'
const BROWSER = process.env.OSTINATO_UI_BROWSER ?? '/usr/bin/chromium'
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const TIMEOUT = 60_000

/** Start the browser that the machine has, with further arguments if need be. */
export function startBrowser(...more: string[]): Promise<Browser> {
  return chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox', '--disable-dev-shm-usage', ...more] })
}

export interface Watched {
  page: Page
  /** What went wrong in the page by itself: errors, and requests that failed. */
  problems: string[]
  /** Requests to the API since the last page was opened. */
  requests: string[]
}

/** Open a tab that writes down what happens in it. */
export async function openTab(browser: Browser, look: { width?: number; dark?: boolean } = {}): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width: look.width ?? 1440, height: 900 },
    colorScheme: look.dark ? 'dark' : 'light',
    // The page's own policy forbids foreign scripts, and axe is one.
    bypassCSP: true,
    reducedMotion: 'reduce',
    // A stack's first certificate is its own.
    ignoreHTTPSErrors: true,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(TIMEOUT)
  const problems: string[] = []
  const requests: string[] = []
  page.on('pageerror', (error) => problems.push(String(error)))
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
  page.on('request', (request) => {
    if (request.resourceType() === 'fetch' && request.url().includes('/api/')) requests.push(request.url())
  })
  return { page, problems, requests }
}

/** What axe finds wrong, as rule and element. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
    }
    const { violations } = await axe.run()
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`))
  })
}
