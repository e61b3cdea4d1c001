// The frame of a page: its title (also the browser tab's), what can be done here, and panels.
import { type ReactNode, useEffect } from 'react'

import { PanelBoundary } from './error-panel'
import styles from './page.module.css'

interface PageProps {
  /** Names the object, for the tab: `ivory-fox`. */
  title: string
  /** What stands at the top where it is more than the title. */
  heading?: ReactNode
  /** The way here: links to what holds this object. */
  trail?: ReactNode
  actions?: ReactNode
  children: ReactNode
}

/** A page. */
export function Page({ title, heading, trail, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Ostinato`
  }, [title])
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <div className={styles.titles}>
          {trail !== undefined && <div className={styles.trail}>{trail}</div>}
          <h1 className={styles.title}>{heading ?? title}</h1>
        </div>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  )
}

interface PanelProps {
  title?: ReactNode
  actions?: ReactNode
  children: ReactNode
  /** Whether the content reaches the panel's edges, as tables do. */
  isFlush?: boolean
}

/** A part of a page with a title. An error in it stays in it. */
export function Panel({ title, actions, children, isFlush = false }: PanelProps) {
  return (
    <section className={styles.panel}>
      {(title !== undefined || actions !== undefined) && (
        <header className={styles.panelHeader}>
          {title !== undefined && <h2 className={styles.panelTitle}>{title}</h2>}
          {actions}
        </header>
      )}
      <div className={isFlush ? undefined : styles.panelBody}>
        <PanelBoundary>{children}</PanelBoundary>
      </div>
    </section>
  )
}

/** Panels beside one another, as many as fit. */
export function Columns({ children }: { children: ReactNode }) {
  return <div className={styles.columns}>{children}</div>
}

/** Things in a row that wrap. */
export function Row({ children, gap = 'normal' }: { children: ReactNode; gap?: 'normal' | 'wide' }) {
  return (
    <div className={styles.row} data-gap={gap}>
      {children}
    </div>
  )
}

/** What is known of an object: terms and their values. Empty values are left out. */
export function Facts({ facts }: { facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={styles.facts}>
      {facts
        .filter(([, value]) => value !== null && value !== undefined && value !== '')
        .map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  )
}
