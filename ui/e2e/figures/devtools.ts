// What the browser itself knows of a page: what it has fetched, keeps, and does.
import type { Page } from 'playwright-core'

const OF_THE_APPLICATION: string[] = ['Document', 'Script', 'Stylesheet', 'Font', 'Image']

/** Count the bytes of the application, not of what it shows, that the page fetches from now on: as they come over the line. */
export async function countBytes(page: Page): Promise<() => number> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Network.enable')
  const counted = new Set<string>()
  let bytes = 0
  devtools.on('Network.responseReceived', ({ requestId, type }) => {
    if (OF_THE_APPLICATION.includes(type)) counted.add(requestId)
  })
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (counted.has(requestId)) bytes += encodedDataLength
  })
  return () => bytes
}

/** Megabytes of the page's objects, after a collection of what is not needed. */
export async function heapOf(page: Page): Promise<number> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('HeapProfiler.collectGarbage')
  const { usedSize } = await devtools.send('Runtime.getHeapUsage')
  return usedSize / 1_000_000
}

/** Part of one processor that the page takes while it is left alone for so many milliseconds, in per cent. */
export async function busyOf(page: Page, during: number): Promise<number> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable')
  const seconds = async () => {
    const { metrics } = await devtools.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0
  }
  const before = await seconds()
  await new Promise((resolve) => setTimeout(resolve, during))
  return ((await seconds()) - before) / (during / 100_000)
}

/** Wait until what was just changed is drawn. */
export async function drawn(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
}
