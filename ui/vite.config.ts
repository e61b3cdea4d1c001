// How the UI is built and tested. Addresses in the page are relative, so that it works below any path.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { constants, gzipSync } from 'node:zlib'

import { tanstackRouter } from '@tanstack/router-plugin/vite'
import react from '@vitejs/plugin-react'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const OUT =
  process.env.OSTINATO_UI_OUT ?? fileURLToPath(new URL('../packages/server/ostinato_server/ui', import.meta.url))
const WORTH_COMPRESSING = /\.(js|css|svg|json|map)$/
const SMALLEST = 1024

/** Writes a `.gz` beside each asset, which servers send as it is. */
function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    closeBundle() {
      for (const entry of readdirSync(OUT, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name)
        if (!entry.isFile() || !WORTH_COMPRESSING.test(entry.name)) continue
        const content = readFileSync(path)
        if (content.length >= SMALLEST)
          writeFileSync(`${path}.gz`, gzipSync(content, { level: constants.Z_BEST_COMPRESSION }))
      }
    },
  }
}

export default defineConfig({
  base: './',
  plugins: [tanstackRouter({ target: 'react', autoCodeSplitting: true }), react(), precompress()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  // theme.js stays a file of its own: it runs before anything is drawn.
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
    // What every page needs is one file, not one for each set of pages that share a part of it.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'base', tags: ['$initial'] }] } } },
  },
  // The library of layouts is a script of the old kind, which wants a name.
  worker: { rolldownOptions: { output: { name: 'worker' } } },
  server: { proxy: { '/api': { target: process.env.OSTINATO_UI_DEV_SERVER ?? 'http://127.0.0.1:4200', ws: true } } },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/test/setup.ts'],
    css: false,
    testTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    // One process after the other: CI has two cores, and the rest of the tests want them too.
    maxWorkers: 2,
  },
})
