// A box to tick, the browser's own, with room around it for fingers.
import styles from './checkbox.module.css'

interface CheckboxProps {
  /** Read out: what is ticked. */
  label: string
  isChecked: boolean
  /** Whether a part of what it stands for is ticked. */
  isPartial?: boolean
  onChange: (isChecked: boolean) => void
}

/** The box. */
export function Checkbox({ label, isChecked, isPartial = false, onChange }: CheckboxProps) {
  return (
    <label className={styles.room}>
      <input
        type="checkbox"
        aria-label={label}
        className={styles.box}
        checked={isChecked}
        ref={(box) => {
          if (box !== null) box.indeterminate = isPartial && !isChecked
        }}
        onChange={(event) => onChange(event.target.checked)}
      />
    </label>
  )
}
