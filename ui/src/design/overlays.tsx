// What lies over the page: dialogs, menus, tooltips. Radix keeps focus, keys and screen readers right.
import { X } from 'lucide-react'
import { Dialog as RadixDialog, DropdownMenu, Tooltip as RadixTooltip } from 'radix-ui'
import type { ReactNode } from 'react'

import { IconButton } from './button'
import styles from './overlays.module.css'

interface DialogProps {
  title: string
  description?: ReactNode
  isOpen: boolean
  /** Left out where there is no way around it. */
  onOpenChange?: (isOpen: boolean) => void
  children?: ReactNode
  /** Buttons at the end; the one that does it last. */
  actions?: ReactNode
}

/** A dialog over the page. */
export function Dialog({ title, description, isOpen, onOpenChange, children, actions }: DialogProps) {
  return (
    <RadixDialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className={styles.overlay} />
        <RadixDialog.Content
          className={styles.dialog}
          {...(description === undefined && { 'aria-describedby': undefined })}
        >
          <div className={styles.dialogHead}>
            <RadixDialog.Title className={styles.dialogTitle}>{title}</RadixDialog.Title>
            {onOpenChange !== undefined && (
              <RadixDialog.Close asChild>
                <IconButton label="Close" icon={<X size={16} aria-hidden />} />
              </RadixDialog.Close>
            )}
          </div>
          {description !== undefined && (
            <RadixDialog.Description className={styles.description}>{description}</RadixDialog.Description>
          )}
          {children}
          {actions !== undefined && <div className={styles.dialogActions}>{actions}</div>}
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  )
}

/** A menu that opens below its trigger, which must be a button. */
export function Menu({ trigger, children }: { trigger: ReactNode; children: ReactNode }) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="end" sideOffset={4} collisionPadding={8} className={styles.menu}>
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

/** Something to do, in a menu. */
export function MenuItem({
  icon,
  children,
  onSelect,
  isDangerous = false,
  isDisabled = false,
}: {
  icon?: ReactNode
  children: ReactNode
  onSelect: () => void
  isDangerous?: boolean
  isDisabled?: boolean
}) {
  return (
    <DropdownMenu.Item
      className={styles.item}
      data-dangerous={isDangerous || undefined}
      disabled={isDisabled}
      onSelect={onSelect}
    >
      {icon}
      {children}
    </DropdownMenu.Item>
  )
}

/** Something to tick, in a menu that stays open. */
export function MenuCheck({
  children,
  isChecked,
  onChange,
}: {
  children: ReactNode
  isChecked: boolean
  onChange: (isChecked: boolean) => void
}) {
  return (
    <DropdownMenu.CheckboxItem
      className={styles.item}
      checked={isChecked}
      onCheckedChange={onChange}
      onSelect={(event) => event.preventDefault()}
    >
      <span className={styles.tick} data-checked={isChecked || undefined} aria-hidden />
      {children}
    </DropdownMenu.CheckboxItem>
  )
}

/** A few words about what the pointer or the focus is on. */
export function Tooltip({ text, children }: { text: ReactNode; children: ReactNode }) {
  return (
    <RadixTooltip.Provider delayDuration={300}>
      <RadixTooltip.Root>
        <RadixTooltip.Trigger asChild>{children}</RadixTooltip.Trigger>
        <RadixTooltip.Portal>
          <RadixTooltip.Content sideOffset={6} collisionPadding={8} className={styles.tooltip}>
            {text}
          </RadixTooltip.Content>
        </RadixTooltip.Portal>
      </RadixTooltip.Root>
    </RadixTooltip.Provider>
  )
}
