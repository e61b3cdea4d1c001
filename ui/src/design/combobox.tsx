// One of very many, found by typing any part of its name.
import { Command } from 'cmdk'
import { ChevronsUpDown } from 'lucide-react'
import { Popover } from 'radix-ui'
import { type ReactNode, useState } from 'react'

import styles from './combobox.module.css'

export interface ComboboxOption {
  value: string
  /** What stands at the end of its line. */
  detail?: ReactNode
}

interface ComboboxProps {
  label: string
  value: string
  options: readonly ComboboxOption[]
  onChange: (value: string) => void
  onOpen?: () => void
  /** What stands where nothing was chosen. */
  placeholder?: string
  /** What is said where nothing is found. */
  none?: string
  'aria-describedby'?: string
  'aria-invalid'?: boolean
}

/** Lines drawn at once; typing finds the others. */
const MOST = 1000

/** The button that shows the choice, and the list below it. */
export function Combobox({ label, value, options, onChange, onOpen, placeholder, none, ...rest }: ComboboxProps) {
  const [isOpen, setOpen] = useState(false)
  const [typed, setTyped] = useState('')
  const found = isOpen ? matching(options, typed) : []
  const open = (next: boolean) => {
    setOpen(next)
    setTyped('')
    if (next) onOpen?.()
  }
  return (
    <Popover.Root open={isOpen} onOpenChange={open} modal>
      <Popover.Trigger
        className={styles.trigger}
        aria-describedby={rest['aria-describedby']}
        aria-invalid={rest['aria-invalid']}
      >
        <span className="visually-hidden">{label}: </span>
        <span className={styles.value}>{value || placeholder}</span>
        <ChevronsUpDown size={14} aria-hidden />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={4}
          collisionPadding={8}
          className={styles.content}
          aria-label={label}
        >
          <Command label={label} shouldFilter={false}>
            <Command.Input value={typed} onValueChange={setTyped} placeholder="Type to find" className={styles.input} />
            <Command.List className={styles.list} label={label}>
              <Command.Empty className={styles.none}>{none ?? 'Nothing has that name.'}</Command.Empty>
              {found.slice(0, MOST).map((option) => (
                <Command.Item
                  key={option.value}
                  value={option.value}
                  className={styles.item}
                  onSelect={() => {
                    onChange(option.value)
                    open(false)
                  }}
                >
                  <span>{option.value}</span>
                  <span className={styles.detail}>{option.detail}</span>
                </Command.Item>
              ))}
            </Command.List>
            {found.length > MOST && (
              <p className={styles.none}>{`${found.length - MOST} more: type a part of the name.`}</p>
            )}
          </Command>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

/** Those with all the words typed in them; those that begin with them first. */
function matching(options: readonly ComboboxOption[], typed: string): readonly ComboboxOption[] {
  const words = plain(typed).split(' ').filter(Boolean)
  if (words.length === 0) return options
  const found = options.filter(({ value }) => words.every((word) => plain(value).includes(word)))
  const first = words[0] ?? ''
  const rank = ({ value }: ComboboxOption) =>
    plain(value)
      .split(/[ /]/)
      .some((part) => part.startsWith(first))
      ? 0
      : 1
  return found.toSorted((one, other) => rank(one) - rank(other))
}

function plain(text: string): string {
  return text.toLowerCase().replaceAll('_', ' ').trim()
}
