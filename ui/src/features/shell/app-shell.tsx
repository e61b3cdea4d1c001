// What stands around every page: the way to the others, the palette, whether the page is live, colours and time zone.
import { Link } from '@tanstack/react-router'
import { Clock, Menu as MenuIcon, Moon, Search, Sun, X } from 'lucide-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'

import { useLiveNews, useLiveStatus } from '@/api/live'
import { Button, IconButton } from '@/design/button'
import { PanelBoundary } from '@/design/error-panel'
import { useZone } from '@/design/time'
import { Notices } from '@/design/toast'
import { IncidentSignal } from '@/features/incidents/public'

import styles from './app-shell.module.css'
import { CommandPalette } from './command-palette'
import { LoginDialog } from './login-dialog'
import { PAGES } from './pages'
import { useShortcuts } from './shortcuts'
import { ShortcutsDialog } from './shortcuts-dialog'
import { useTheme } from './theme'

/** The shell around a page. */
export function AppShell({ children, path }: { children: ReactNode; path: string }) {
  const [isPaletteOpen, setPaletteOpen] = useState(false)
  const [isHelpOpen, setHelpOpen] = useState(false)
  const [isNavOpen, setNavOpen] = useState(false)
  const main = useRef<HTMLElement>(null)
  useLiveNews()
  useShortcuts({ onPalette: () => setPaletteOpen((isOpen) => !isOpen), onHelp: () => setHelpOpen(true) })
  useEffect(() => setNavOpen(false), [path])
  return (
    <div className={styles.shell}>
      <button type="button" className={styles.skip} onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <header className={styles.bar}>
        <IconButton
          className={styles.navToggle}
          label={isNavOpen ? 'Close the navigation' : 'Open the navigation'}
          icon={isNavOpen ? <X size={18} aria-hidden /> : <MenuIcon size={18} aria-hidden />}
          aria-expanded={isNavOpen}
          onClick={() => setNavOpen(!isNavOpen)}
        />
        <Link to="/dashboard" className={styles.brand}>
          <Mark />
          Ostinato
        </Link>
        <IncidentSignal />
        <Button
          className={styles.search}
          onClick={() => setPaletteOpen(true)}
          icon={<Search size={15} aria-hidden />}
          aria-keyshortcuts="Control+K"
        >
          <span className={styles.searchText}>Go anywhere</span>
          <kbd className={styles.kbd}>Ctrl K</kbd>
        </Button>
        <LiveDot />
        <ZoneToggle />
        <ThemeToggle />
      </header>
      <nav className={styles.nav} data-open={isNavOpen || undefined} aria-label="Main">
        <ul>
          {PAGES.map(({ to, label, icon: Icon }) => (
            <li key={to}>
              <Link
                to={to}
                className={styles.navLink}
                activeOptions={{ exact: false, includeSearch: false }}
                activeProps={{ 'data-active': true }}
              >
                <Icon size={17} aria-hidden />
                {label}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <main ref={main} tabIndex={-1} className={styles.main}>
        <PanelBoundary key={path}>{children}</PanelBoundary>
      </main>
      <CommandPalette isOpen={isPaletteOpen} onOpenChange={setPaletteOpen} onHelp={() => setHelpOpen(true)} />
      {isHelpOpen && <ShortcutsDialog onClose={() => setHelpOpen(false)} />}
      <LoginDialog />
      <Notices />
    </div>
  )
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden className={styles.mark}>
      <rect width="32" height="32" rx="8" />
      <path d="M7 12h7M18 12h7M7 20h3M14 20h4M22 20h3" />
    </svg>
  )
}

function LiveDot() {
  const status = useLiveStatus()
  const text = { open: 'Live', connecting: 'Connecting', refused: 'Not live' }[status]
  return (
    <span
      className={styles.live}
      data-status={status}
      role="status"
      title={status === 'open' ? 'This page follows what happens' : 'What is shown may be old'}
    >
      <span className={styles.dot} aria-hidden />
      <span className={styles.liveText}>{text}</span>
    </span>
  )
}

function ZoneToggle() {
  const [zone, setZone] = useZone()
  const other = zone === 'utc' ? 'local' : 'utc'
  return (
    <Button
      look="quiet"
      className={styles.zone}
      icon={<Clock size={15} aria-hidden />}
      aria-label={`Times are ${zone === 'utc' ? 'UTC' : 'local'}: show ${other === 'utc' ? 'UTC' : 'local'} ones`}
      onClick={() => setZone(other)}
    >
      <span className={styles.liveText}>{zone === 'utc' ? 'UTC' : 'Local'}</span>
    </Button>
  )
}

function ThemeToggle() {
  const { isDark, choose } = useTheme()
  return (
    <IconButton
      label={isDark ? 'Use light colours' : 'Use dark colours'}
      icon={isDark ? <Sun size={17} aria-hidden /> : <Moon size={17} aria-hidden />}
      onClick={() => choose(isDark ? 'light' : 'dark')}
    />
  )
}
