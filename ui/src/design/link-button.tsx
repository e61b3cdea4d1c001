// A link that looks like a button: for what leads to another page.
import { createLink } from '@tanstack/react-router'
import type { AnchorHTMLAttributes, ReactNode } from 'react'

import { classNames } from '@/lib/class-names'

import styles from './button.module.css'

interface AnchorProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  look?: 'primary' | 'plain' | 'quiet'
  icon?: ReactNode
}

function Anchor({ look = 'plain', icon, className, children, ...rest }: AnchorProps) {
  return (
    <a className={classNames(styles.button, styles[look], className)} {...rest}>
      {icon}
      {children}
    </a>
  )
}

/** The link; it takes what every link takes, and a look. */
export const LinkButton = createLink(Anchor)
