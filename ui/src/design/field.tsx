// Form fields: a label above, a hint or an error below, both tied to the input for those who cannot see them.
import { type ComponentProps, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, useId } from 'react'

import { classNames } from '@/lib/class-names'

import styles from './field.module.css'

interface Described {
  id: string
  'aria-labelledby': string
  'aria-describedby'?: string
  'aria-invalid'?: boolean
}

interface FieldProps {
  label: string
  hint?: ReactNode
  error?: string
  /** Whether the label is only read out, as in a row of filters. */
  isLabelHidden?: boolean
  children: (props: Described) => ReactNode
}

/** A field around the input that `children` makes with the properties it is given. */
export function Field({ label, hint, error, isLabelHidden = false, children }: FieldProps) {
  const id = useId()
  const said = error ?? hint
  return (
    <div className={styles.field}>
      <label id={`${id}-label`} htmlFor={id} className={isLabelHidden ? 'visually-hidden' : styles.label}>
        {label}
      </label>
      {children({
        id,
        'aria-labelledby': `${id}-label`,
        'aria-describedby': said ? `${id}-said` : undefined,
        'aria-invalid': error ? true : undefined,
      })}
      {said && (
        <p id={`${id}-said`} className={error ? styles.error : styles.hint}>
          {said}
        </p>
      )}
    </div>
  )
}

/** A line of text. */
export function TextInput({ className, ...rest }: InputHTMLAttributes<HTMLInputElement>) {
  return <input type="text" className={classNames(styles.input, className)} {...rest} />
}

/** Several lines of text. */
export function TextArea({ className, ...rest }: ComponentProps<'textarea'>) {
  return <textarea className={classNames(styles.input, styles.area, className)} {...rest} />
}

interface SelectProps extends SelectHTMLAttributes<HTMLSelectElement> {
  options: readonly (readonly [value: string, label: string])[]
}

/** One of several; the browser's own, so that it works by keyboard and on phones as people know it. */
export function Select({ options, className, ...rest }: SelectProps) {
  return (
    <select className={classNames(styles.input, styles.select, className)} {...rest}>
      {options.map(([value, label]) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  )
}
