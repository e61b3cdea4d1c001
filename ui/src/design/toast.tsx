// Short notices of what has happened, read out as they come, gone after some seconds.
import { useEffect, useState, useSyncExternalStore } from 'react'

import styles from './toast.module.css'

interface Notice {
  id: number
  text: string
  tone: 'good' | 'bad'
}

const MOST = 4
/** Milliseconds. */
const SHOWN_FOR = 6000
const listeners = new Set<() => void>()
let notices: readonly Notice[] = []
let last = 0

/** Tell of something that was done (`good`) or could not be (`bad`). */
export function notify(text: string, tone: Notice['tone'] = 'good'): void {
  last += 1
  change([...notices, { id: last, text, tone }].slice(-MOST))
}

/** Take all notices away. */
export function clearNotices(): void {
  change([])
}

/** Where notices appear: once in the application. Escape takes the newest away where nothing else takes Escape. */
export function Notices() {
  const shown = useSyncExternalStore(subscribe, () => notices)
  useEffect(() => {
    const dismiss = (event: KeyboardEvent) => {
      // A dialog or a menu has closed by it.
      if (event.key === 'Escape' && !event.defaultPrevented) change(notices.slice(0, -1))
    }
    document.addEventListener('keydown', dismiss)
    return () => document.removeEventListener('keydown', dismiss)
  }, [])
  return (
    <div className={styles.viewport}>
      {(['good', 'bad'] as const).map((tone) => (
        // The regions are there before what they tell: only then is it read out, also from behind a dialog.
        <div key={tone} aria-live={tone === 'bad' ? 'assertive' : 'polite'} className={styles.region}>
          {shown.map((notice) => notice.tone === tone && <Toast key={notice.id} notice={notice} />)}
        </div>
      ))}
    </div>
  )
}

/** It stays while the pointer is on it, to be read. */
function Toast({ notice: { id, text, tone } }: { notice: Notice }) {
  const [isHeld, setHeld] = useState(false)
  useEffect(() => {
    if (isHeld) return
    const timer = setTimeout(() => change(notices.filter((each) => each.id !== id)), SHOWN_FOR)
    return () => clearTimeout(timer)
  }, [id, isHeld])
  return (
    <p
      className={styles.toast}
      data-tone={tone}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
    >
      {text}
    </p>
  )
}

function change(next: readonly Notice[]): void {
  notices = next
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
