// Journeys in a real browser against a real server: OSTINATO_UI_URL and OSTINATO_UI_BROWSER say which.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['e2e/**/*.journey.ts'],
    environment: 'node',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
})
