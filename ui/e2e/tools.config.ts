// What is made by a browser and a server, like the journeys, but is no test of them: pictures and figures.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['e2e/screenshots.ts', 'e2e/figures.ts'],
    environment: 'node',
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
    disableConsoleIntercept: true,
  },
})
