// How long something takes, and how much processor time of the browser's and the server's processes.
import type { Browser } from 'playwright-core'

import { URL_OF_UI } from '../browser'
import type { Cost } from './figure'

const SERVER = 'server'
const OF_SERVER = /^process_cpu_seconds_total (\S+)$/m

/** Do something that tells how long it took, in whatever unit; returns that with the processor time (seconds). */
export async function costOf(browser: Browser, act: () => Promise<number>): Promise<Cost> {
  const before = await processorTimes(browser)
  const value = await act()
  const after = await processorTimes(browser)
  let cpu = 0
  for (const [id, seconds] of after) cpu += seconds - (before.get(id) ?? 0)
  return { value, cpu }
}

/** Seconds by process. One that has ended since counts as if it had done nothing. */
async function processorTimes(browser: Browser): Promise<Map<number | string, number>> {
  const devtools = await browser.newBrowserCDPSession()
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo')
  await devtools.detach()
  // eslint-disable-next-line no-restricted-globals -- beside the browser, not in it
  const metrics = await (await fetch(`${URL_OF_UI}/api/metrics`)).text()
  const ofBrowser = processInfo.map(({ id, cpuTime }) => [id, cpuTime] as const)
  return new Map<number | string, number>([...ofBrowser, [SERVER, Number(OF_SERVER.exec(metrics)?.[1] ?? 0)]])
}
