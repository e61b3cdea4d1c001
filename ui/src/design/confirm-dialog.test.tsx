import { useMutation, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'

import { ConfirmDialog } from './confirm-dialog'
import { Notices } from './toast'

function Asked({ act, typed, onClose }: { act: () => Promise<void>; typed?: string; onClose: () => void }) {
  const mutation = useMutation({ mutationFn: act })
  return (
    <ConfirmDialog
      title="Delete the pool?"
      description="With its queues."
      verb="Delete"
      done="Deleted"
      typed={typed}
      mutation={mutation}
      onClose={onClose}
    />
  )
}

function show(act: () => Promise<void>, typed?: string) {
  const onClose = vi.fn()
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Asked act={act} typed={typed} onClose={onClose} />
      <Notices />
    </QueryClientProvider>,
  )
  return { onClose, user: userEvent.setup() }
}

describe('ConfirmDialog', () => {
  it('does it, says so and closes', async () => {
    const act = vi.fn(() => Promise.resolve())
    const { onClose, user } = show(act)
    await user.click(screen.getByRole('button', { name: 'Delete' }))
    expect(await screen.findByText('Deleted')).toBeInTheDocument()
    expect(act).toHaveBeenCalledOnce()
    expect(onClose).toHaveBeenCalledOnce()
  })

  it('stays open and says why it could not be done', async () => {
    const { onClose, user } = show(() => Promise.reject(new Error('It is in use.')))
    await user.click(screen.getByRole('button', { name: 'Delete' }))
    expect(await screen.findByText('It is in use.')).toBeInTheDocument()
    expect(onClose).not.toHaveBeenCalled()
  })

  it('waits for the name where one is asked for, and takes Enter', async () => {
    const act = vi.fn(() => Promise.resolve())
    const { user } = show(act, 'gpu')
    const field = screen.getByLabelText('Type gpu to go on')
    await user.type(field, 'gp{Enter}')
    expect(screen.getByRole('button', { name: 'Delete' })).toBeDisabled()
    expect(act).not.toHaveBeenCalled()
    await user.type(field, 'u{Enter}')
    expect(await screen.findByText('Deleted')).toBeInTheDocument()
    expect(act).toHaveBeenCalledOnce()
  })
})
