// Ctrl-K: type to go anywhere and do anything; objects are looked for on the server.
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { Play } from 'lucide-react'
import { type ReactNode, useState } from 'react'

import { searchQuery } from '@/api/search'
import type { Deployment } from '@/api/types'
import { RunDialog } from '@/features/deployments/public'
import { useSettled } from '@/lib/settled'

import { matches, useActions } from './actions'
import styles from './command-palette.module.css'
import { type Entry, entriesOf, readVerb } from './entries'
import { PAGES } from './pages'
import { useObjectActions } from './object-actions'

const LETTERS = 2

interface CommandPaletteProps {
  isOpen: boolean
  onOpenChange: (isOpen: boolean) => void
  onHelp: () => void
}

/** The palette. */
export function CommandPalette({ isOpen, onOpenChange, onHelp }: CommandPaletteProps) {
  const navigate = useNavigate()
  const [typed, setTyped] = useState('')
  const [toRun, setToRun] = useState<Deployment | null>(null)
  const actions = useActions(onHelp)
  const choose = (action: () => void) => {
    onOpenChange(false)
    setTyped('')
    action()
  }
  const pages = PAGES.filter(({ label, words }) => matches(typed, label, words)).map(({ to, label, icon }) => ({
    id: to,
    label,
    icon,
    act: () => void navigate({ to }),
  }))
  return (
    <>
      <Command.Dialog
        open={isOpen}
        onOpenChange={onOpenChange}
        label="Go anywhere, do anything"
        shouldFilter={false}
        overlayClassName={styles.overlay}
        contentClassName={styles.palette}
      >
        <Command.Input
          value={typed}
          onValueChange={setTyped}
          placeholder="A page, a name, or what to do: run nightly, pause gpu"
          className={styles.input}
        />
        <Command.List className={styles.list}>
          <Command.Empty className={styles.empty}>Nothing has that name.</Command.Empty>
          <Group heading="Pages" entries={pages} onChoose={choose} />
          {isOpen && <Objects typed={typed} onChoose={choose} onRun={setToRun} />}
          <Group
            heading="Do"
            entries={actions.filter(({ label, words }) => matches(typed, label, words))}
            onChoose={choose}
          />
        </Command.List>
      </Command.Dialog>
      {toRun !== null && <RunDialog deployment={toRun} onClose={() => setToRun(null)} />}
    </>
  )
}

interface ObjectsProps {
  typed: string
  onChoose: (action: () => void) => void
  onRun: (deployment: Deployment) => void
}

function Objects({ typed, onChoose, onRun }: ObjectsProps) {
  const navigate = useNavigate()
  const { verb, name } = readVerb(useSettled(typed.trim()))
  const found = useQuery({ ...searchQuery(name), enabled: name.length >= LETTERS }).data
  const objectActions = useObjectActions(onRun)
  if (name.length < LETTERS || found === undefined) return null
  const toDo = objectActions(found, verb)
  return (
    <>
      {verb !== null && <Group heading="Do" entries={toDo} onChoose={onChoose} />}
      {entriesOf(found, navigate).map(([heading, entries]) => (
        <Group key={heading} heading={heading} entries={entries} onChoose={onChoose} />
      ))}
      {verb === null && <Group heading="Do with them" entries={toDo} onChoose={onChoose} />}
    </>
  )
}

interface GroupProps {
  heading: string
  entries: readonly Entry[]
  onChoose: (action: () => void) => void
}

function Group({ heading, entries, onChoose }: GroupProps): ReactNode {
  if (entries.length === 0) return null
  return (
    <Command.Group heading={heading}>
      {entries.map(({ id, label, icon: Icon = Play, mark, act }) => (
        <Command.Item key={id} value={id} className={styles.item} onSelect={() => onChoose(act)}>
          <Icon size={16} aria-hidden />
          <span className={styles.name}>{label}</span>
          {mark}
        </Command.Item>
      ))}
    </Command.Group>
  )
}
