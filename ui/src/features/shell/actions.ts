// What can be done from the palette on any page, whatever there is on the server.
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Clock, Keyboard, LogOut, Moon, Plus, Sun } from 'lucide-react'

import { logOut, useIsLoggedIn } from '@/api/auth'
import { useZone } from '@/design/time'

import type { Entry } from './entries'
import { useTheme } from './theme'

interface Action extends Entry {
  /** Other words that people look for. */
  words: string
}

/** Whether all that is typed stands in the label or the words. */
export function matches(typed: string, label: string, words: string): boolean {
  return `${label} ${words}`.toLowerCase().includes(typed.trim().toLowerCase())
}

/** The actions. */
export function useActions(onHelp: () => void): Action[] {
  const client = useQueryClient()
  const navigate = useNavigate()
  const { isDark, choose } = useTheme()
  const [zone, setZone] = useZone()
  const isLoggedIn = useIsLoggedIn()
  const leave = () => {
    logOut()
    void client.resetQueries()
  }
  return [
    {
      id: 'theme',
      label: isDark ? 'Use light colours' : 'Use dark colours',
      words: 'toggle theme mode dark light',
      icon: isDark ? Sun : Moon,
      act: () => choose(isDark ? 'light' : 'dark'),
    },
    {
      id: 'zone',
      label: zone === 'utc' ? 'Show local times' : 'Show times in UTC',
      words: 'toggle time zone local utc',
      icon: Clock,
      act: () => setZone(zone === 'utc' ? 'local' : 'utc'),
    },
    {
      id: 'new-automation',
      label: 'New automation',
      words: 'create add build',
      icon: Plus,
      act: () => void navigate({ to: '/automations/new' }),
    },
    {
      id: 'new-block',
      label: 'New block',
      words: 'create add credentials secret',
      icon: Plus,
      act: () => void navigate({ to: '/blocks/catalogue' }),
    },
    {
      id: 'new-webhook',
      label: 'New webhook',
      words: 'create add inbound',
      icon: Plus,
      act: () => void navigate({ to: '/webhooks/new' }),
    },
    { id: 'help', label: 'Keyboard shortcuts', words: 'help keys', icon: Keyboard, act: onHelp },
    ...(isLoggedIn ? [{ id: 'log-out', label: 'Log out', words: 'leave sign', icon: LogOut, act: leave }] : []),
  ]
}
