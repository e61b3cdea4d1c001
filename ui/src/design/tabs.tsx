// Tabs whose choice lives in the address: who uses them gives the value and takes the change.
import { Tabs as RadixTabs } from 'radix-ui'
import type { ReactNode } from 'react'

import styles from './tabs.module.css'

interface TabsProps<T extends string> {
  label: string
  value: T
  onChange: (value: T) => void
  tabs: readonly { value: T; label: ReactNode; content: () => ReactNode }[]
}

/** Tabs; only the content of the chosen one is made. */
export function Tabs<T extends string>({ label, value, onChange, tabs }: TabsProps<T>) {
  return (
    <RadixTabs.Root value={value} onValueChange={(next) => onChange(next as T) /* one of the values below */}>
      <RadixTabs.List aria-label={label} className={styles.list}>
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
