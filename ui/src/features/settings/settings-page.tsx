// How the UI looks in this browser, who is logged in, and which server this is and how it is set.
import { useQueryClient } from '@tanstack/react-query'
import { LogOut } from 'lucide-react'

import { logOut, useIsLoggedIn } from '@/api/auth'
import { Button } from '@/design/button'
import { Field, Select } from '@/design/field'
import { Stack } from '@/design/form'
import { Page, Panel, Row } from '@/design/page'
import { useZone } from '@/design/time'
import { type Palette, type Theme, usePalette, useTheme } from '@/features/shell/public'

import { ServerPanel } from './server-panel'
import { ServerSettings } from './server-settings'

const THEMES = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
] as const
const PALETTES = [
  ['usual', 'Green and red'],
  ['blue', 'Blue and orange, for the colour-blind'],
] as const
const ZONES = [
  ['local', "This browser's time zone"],
  ['utc', 'UTC'],
] as const

export interface SettingsSearch {
  /** Part of the name of a setting. */
  name?: string
}

/** The page. */
export function SettingsPage({
  search,
  onSearch,
}: {
  search: SettingsSearch
  onSearch: (search: SettingsSearch) => void
}) {
  return (
    <Page title="Settings">
      <Appearance />
      <Login />
      <ServerPanel />
      <ServerSettings name={search.name} onName={(name) => onSearch({ name })} />
    </Page>
  )
}

function Appearance() {
  const { theme, choose } = useTheme()
  const [palette, setPalette] = usePalette()
  const [zone, setZone] = useZone()
  return (
    <Panel title="In this browser">
      <Row gap="wide">
        <Field label="Colours">
          {(props) => (
            <Select
              {...props}
              options={THEMES}
              value={theme}
              onChange={(event) => choose(event.target.value as Theme /* an option */)}
            />
          )}
        </Field>
        <Field label="Colours of states" hint="Each state has a sign of its own besides.">
          {(props) => (
            <Select
              {...props}
              options={PALETTES}
              value={palette}
              onChange={(event) => setPalette(event.target.value as Palette /* an option */)}
            />
          )}
        </Field>
        <Field label="Times">
          {(props) => (
            <Select
              {...props}
              options={ZONES}
              value={zone}
              onChange={(event) => setZone(event.target.value === 'utc' ? 'utc' : 'local')}
            />
          )}
        </Field>
      </Row>
    </Panel>
  )
}

function Login() {
  const client = useQueryClient()
  if (!useIsLoggedIn()) return null
  const leave = () => {
    logOut()
    // What was shown is forgotten as well.
    void client.resetQueries()
  }
  return (
    <Panel title="Login">
      <Stack>
        <p>
          You are logged in by the password that all users of this server share. This browser keeps it for this address,
          and sends it in a header of each request.
        </p>
        <p>
          <Button icon={<LogOut size={15} aria-hidden />} onClick={leave}>
            Log out
          </Button>
        </p>
      </Stack>
    </Panel>
  )
}
