// Tabs whose choice lives in the address: who uses them gives the value and takes the change.
import { Tabs as RadixTabs } from 'radix-ui'
import { type ReactNode, useLayoutEffect, useRef } from 'react'

import styles from './tabs.module.css'

interface TabsProps<T extends string> {
  label: string
  value: T
  onChange: (value: T) => void
  tabs: readonly { value: T; label: ReactNode; content: () => ReactNode }[]
}

/** Tabs; only the content of the chosen one is made. */
export function Tabs<T extends string>({ label, value, onChange, tabs }: TabsProps<T>) {
  const list = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    if (list.current !== null) showChosen(list.current)
  }, [value])
  return (
    <RadixTabs.Root value={value} onValueChange={(next) => onChange(next as T) /* one of the values below */}>
      <RadixTabs.List ref={list} aria-label={label} className={styles.list}>
        {tabs.map((tab) => (
          <RadixTabs.Trigger key={tab.value} value={tab.value} className={styles.tab}>
            {tab.label}
          </RadixTabs.Trigger>
        ))}
      </RadixTabs.List>
      {tabs.map((tab) => (
        <RadixTabs.Content key={tab.value} value={tab.value} className={styles.content} tabIndex={-1}>
          {tab.value === value && tab.content()}
        </RadixTabs.Content>
      ))}
    </RadixTabs.Root>
  )
}

/** Scroll a list that is wider than its place sideways, as far as its chosen tab asks for; the page stays where it is. */
function showChosen(list: HTMLElement) {
  const tab = list.querySelector<HTMLElement>('[data-state="active"]')
  if (tab === null) return
  const start = tab.offsetLeft - list.offsetLeft
  const end = start + tab.offsetWidth
  if (start < list.scrollLeft) list.scrollLeft = start
  else if (end > list.scrollLeft + list.clientWidth) list.scrollLeft = end - list.clientWidth
}
