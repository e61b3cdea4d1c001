// How the browser keeps answers: shown at once, asked for again when news say that they are stale or somebody comes back.
import { QueryClient } from '@tanstack/react-query'

import { ApiError } from '@/api/errors'

const FRESH_FOR = 15_000
const TRIES = 2

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: FRESH_FOR,
      retry: (failures, error) => failures < TRIES && error instanceof ApiError && error.mayPass,
    },
  },
})
