// Buttons: what a click does is said by a verb; one that works says so and cannot be clicked twice.
import { LoaderCircle } from 'lucide-react'
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react'

import { classNames } from '@/lib/class-names'

import styles from './button.module.css'

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: 'primary' | 'plain' | 'quiet' | 'danger'
  icon?: ReactNode
  isBusy?: boolean
  ref?: Ref<HTMLButtonElement>
}

/** A button with a text, and perhaps an icon before it. */
export function Button({ look = 'plain', icon, isBusy = false, className, children, disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      className={classNames(styles.button, styles[look], className)}
      disabled={disabled === true || isBusy}
      aria-busy={isBusy || undefined}
      {...rest}
    >
      {isBusy ? <LoaderCircle className={styles.spinner} size={15} aria-hidden /> : icon}
      {children}
    </button>
  )
}

/** A button that is an icon; `label` is read out and shown by a tooltip around it. */
export function IconButton({ label, icon, className, ...rest }: Omit<ButtonProps, 'children'> & { label: string }) {
  return (
    <Button aria-label={label} title={label} look="quiet" className={classNames(styles.icon, className)} {...rest}>
      {icon}
    </Button>
  )
}
