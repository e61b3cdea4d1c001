// The first visit, to a server that knows nothing yet: the page teaches how to make a run, and shows it as it comes.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { openTab, startBrowser, URL_OF_UI } from './browser'
import { runScript, stopScripts } from './sdk'

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(async () => {
  await browser.close()
  await stopScripts()
})

it('leads from the bare address to a first run by what the page itself says', async () => {
  const { page, problems } = await openTab(browser)
  await page.goto(URL_OF_UI)
  await page.getByRole('heading', { level: 1, name: 'Dashboard' }).waitFor()
  await page.getByText('No run in this time').waitFor()
  await page.getByRole('link', { name: 'Runs', exact: true }).first().click()
  const snippet = page.locator('pre', { hasText: 'from ostinato import flow' })
  const source = await snippet.innerText()

  const script = runScript(source)
  await page.getByRole('cell', { name: 'hello' }).first().waitFor()
  await page.getByRole('row', { name: /hello/ }).getByRole('link').first().click()
  await page.getByRole('heading', { name: /Completed/ }).waitFor()
  await page.getByText('Hello, world!').waitFor()
  await script.succeed()
  expect(problems).toEqual([])
})

it('goes anywhere by the keyboard alone', async () => {
  const { page } = await openTab(browser)
  await page.goto(URL_OF_UI)
  await page.getByRole('heading', { level: 1, name: 'Dashboard' }).waitFor()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('concurr')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Concurrency limits' }).waitFor()
  expect(page.url()).toBe(`${URL_OF_UI}/concurrency-limits`)
})
