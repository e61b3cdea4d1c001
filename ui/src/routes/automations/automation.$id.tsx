// One automation.
import { createFileRoute } from '@tanstack/react-router'

import { AutomationPage } from '@/features/automations/automation-page'
import { readAutomationSearch } from '@/features/automations/search'

export const Route = createFileRoute('/automations/automation/$id')({
  component: Automation,
  validateSearch: readAutomationSearch,
})

function Automation() {
  const { id } = Route.useParams()
  const navigate = Route.useNavigate()
  return (
    <AutomationPage
      id={id}
      search={Route.useSearch()}
      onSearch={(search) => void navigate({ search, replace: true, resetScroll: false })}
    />
  )
}
