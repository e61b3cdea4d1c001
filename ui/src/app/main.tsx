// Starts the UI.
import '@/design/base.css'

import { createRouter, RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

import { PageError, PageMissing } from '@/features/shell/page-error'
import { routeTree } from '@/routeTree.gen'

import { Providers } from './providers'
import { queryClient } from './query-client'

const router = createRouter({
  routeTree,
  basepath: new URL(document.baseURI).pathname,
  context: { queryClient },
  defaultPreload: 'intent',
  // The queries know how old their answers are.
  defaultPreloadStaleTime: 0,
  defaultErrorComponent: PageError,
  defaultNotFoundComponent: PageMissing,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}

const root = document.getElementById('root')
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <Providers client={queryClient}>
        <RouterProvider router={router} />
      </Providers>
    </StrictMode>,
  )
}
