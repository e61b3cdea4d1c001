// Makes an automation.
import { createFileRoute } from '@tanstack/react-router'

import { NewPage } from '@/features/automations/editor-page'
import { readNewSearch } from '@/features/automations/search'

export const Route = createFileRoute('/automations/new')({ component: New, validateSearch: readNewSearch })

function New() {
  const search = Route.useSearch()
  return <NewPage key={JSON.stringify(search)} search={search} />
}
