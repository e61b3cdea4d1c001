// Something that is on or off, and changes at once.
import { Switch as RadixSwitch } from 'radix-ui'

import styles from './switch.module.css'

/** A switch; `label` is read out and says what it is that is on. */
export function Switch({ label, isOn, onChange }: { label: string; isOn: boolean; onChange: (isOn: boolean) => void }) {
  return (
    <RadixSwitch.Root
      aria-label={label}
      title={label}
      className={styles.switch}
      checked={isOn}
      onCheckedChange={onChange}
    >
      <RadixSwitch.Thumb className={styles.thumb} />
    </RadixSwitch.Root>
  )
}
