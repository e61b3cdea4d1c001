// Changes of work pools, their queues and workers: whatever is shown of them is asked for again.
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { messageOf } from '@/api/errors'
import { notify } from '@/design/toast'

interface Changed<T> {
  /** What is done once it has been changed, with what was answered. */
  onSuccess?: (answer: T) => void
  /** Whether who asks says what went wrong; else a notice does. */
  isTold?: boolean
}

/** The mutation. */
export function usePoolMutation<T, V = void>(mutationFn: (change: V) => Promise<T>, options: Changed<T> = {}) {
  const client = useQueryClient()
  return useMutation({
    mutationFn,
    onSuccess: options.onSuccess,
    onError: (error: Error) => {
      if (!options.isTold) notify(messageOf(error), 'bad')
    },
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['work-pools'] }),
        client.invalidateQueries({ queryKey: ['work-pool-loads'] }),
      ]),
  })
}
