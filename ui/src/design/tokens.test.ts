// Every text can be read on its ground, in both themes (WCAG 2: 4.5:1; parts of drawings 3:1).
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

import { describe, expect, it } from 'vitest'

import { KINDS } from './states'

const css = readFileSync(resolve('src/design/tokens.css'), 'utf8')
const TEXT = 4.5
const PARTS = 3

function tokens(theme: string, palette: string): Map<string, string> {
  const selectors = [`\n[data-theme='${theme}'] {`, `[data-palette='${palette}'][data-theme='${theme}'] {`]
  const block = selectors.map((selector) => css.split(selector)[1]?.split('}')[0] ?? '').join()
  return new Map([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map(([, name = '', color = '']) => [name, color]))
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(color.slice(at, at + 2), 16) / 255
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

const GROUNDS = ['ground', 'surface', 'raised']
const PAIRS: [text: string, ground: string, least: number][] = [
  ...['text', 'muted', 'accent', 'danger', ...KINDS].flatMap((text) =>
    GROUNDS.map((ground): [string, string, number] => [text, ground, TEXT]),
  ),
  ...KINDS.flatMap((kind): [string, string, number][] => [
    [kind, `${kind}-ground`, TEXT],
    ['text', `${kind}-ground`, TEXT],
  ]),
  ['on-accent', 'accent', TEXT],
  ['on-danger', 'danger', TEXT],
  ['accent', 'accent-ground', TEXT],
  ['text', 'accent-ground', TEXT],
  ['line-strong', 'surface', PARTS],
]

describe.each([
  ['light', 'usual'],
  ['dark', 'usual'],
  ['light', 'blue'],
  ['dark', 'blue'],
])('%s, %s', (theme, palette) => {
  const colors = tokens(theme, palette)

  it.each(PAIRS)('%s on %s', (text, ground, least) => {
    expect(contrast(colors.get(text) ?? '', colors.get(ground) ?? '')).toBeGreaterThanOrEqual(least)
  })
})
