// Keys that work on every page, unless somebody is typing or a dialog is open.
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'

import { PAGES } from './pages'

const SEQUENCE = 1500
const TYPING = 'input, textarea, select, [contenteditable="true"], [role="textbox"]'

interface Shortcuts {
  onPalette: () => void
  onHelp: () => void
}

/** The keys and what each does, for people. */
export const SHORTCUTS: readonly (readonly [keys: readonly string[], does: string])[] = [
  [['Ctrl', 'K'], 'Go anywhere, do anything'],
  [['?'], 'These shortcuts'],
  [['/'], 'Search on this page'],
  ...PAGES.map(({ key, label }) => [['g', key], label] as const),
]

/** Listen to the keys: once in the application. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const navigate = useNavigate()
  const latest = useRef(shortcuts)
  const begun = useRef(0)
  useEffect(() => {
    latest.current = shortcuts
  })
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const key = event.key.toLowerCase()
      if (key === 'k' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault()
        return latest.current.onPalette()
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isBusy(event.target)) return
      const isSecond = Date.now() - begun.current < SEQUENCE
      begun.current = key === 'g' ? Date.now() : 0
      if (key === '?') latest.current.onHelp()
      else if (key === '/') focusSearch(event)
      else if (isSecond) {
        const page = PAGES.find((each) => each.key === key)
        if (page !== undefined) void navigate({ to: page.to })
      }
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [navigate])
}

function isBusy(target: EventTarget | null): boolean {
  return (
    (target instanceof Element && target.closest(TYPING) !== null) || document.querySelector('[role="dialog"]') !== null
  )
}

function focusSearch(event: KeyboardEvent): void {
  const field = document.querySelector<HTMLInputElement>('main input[type="search"]')
  if (field === null) return
  event.preventDefault()
  field.focus()
}
