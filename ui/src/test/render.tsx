// The application at an address, as a browser would show it.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createMemoryHistory, createRouter, RouterProvider } from '@tanstack/react-router'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'

import { routeTree } from '@/routeTree.gen'

/** Show a page; returns the router, for its address, and a user. */
export async function showPage(address: string) {
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  const router = createRouter({
    routeTree,
    history: createMemoryHistory({ initialEntries: [address] }),
    context: { queryClient },
  })
  render(
    <QueryClientProvider client={queryClient}>
      {/* Of another router than the one that the types know. */}
      <RouterProvider router={router as never} />
    </QueryClientProvider>,
  )
  await screen.findByRole('main')
  return { router, user: userEvent.setup() }
}
