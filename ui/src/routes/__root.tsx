// Around every route: the shell.
import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, Outlet, useLocation } from '@tanstack/react-router'

import { AppShell } from '@/features/shell/app-shell'

export const Route = createRootRouteWithContext<{ queryClient: QueryClient }>()({ component: Root })

function Root() {
  const path = useLocation({ select: ({ pathname }) => pathname })
  return (
    <AppShell path={path}>
      <Outlet />
    </AppShell>
  )
}
