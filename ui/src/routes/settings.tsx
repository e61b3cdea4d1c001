// How the UI looks in this browser, and which server this is.
import { createFileRoute } from '@tanstack/react-router'

import { SettingsPage, type SettingsSearch } from '@/features/settings/settings-page'
import { text } from '@/lib/search'

export const Route = createFileRoute('/settings')({
  component: Settings,
  validateSearch: (raw): SettingsSearch => ({ name: text(raw, 'name') }),
})

function Settings() {
  const navigate = Route.useNavigate()
  return (
    <SettingsPage
      search={Route.useSearch()}
      onSearch={(search) => void navigate({ search, replace: true, resetScroll: false })}
    />
  )
}
