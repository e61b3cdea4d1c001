import { act, render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { expect, it, vi } from 'vitest'

import { Dialog } from './overlays'
import { Notices, notify } from './toast'

function Example() {
  const [isOpen, setOpen] = useState(true)
  return (
    <>
      <Dialog title="Question" isOpen={isOpen} onOpenChange={setOpen} />
      <Notices />
    </>
  )
}

it('leaves the first Escape to an open dialog, and is told from behind it', async () => {
  const user = userEvent.setup()
  render(<Example />)
  await screen.findByRole('dialog', { name: 'Question' })
  act(() => notify('Saved it'))
  const notice = await screen.findByText('Saved it')
  expect(notice.closest('[aria-live]')).toHaveAttribute('aria-live', 'polite')
  expect(notice.closest('[aria-hidden=true]')).toBeNull()
  await user.keyboard('{Escape}')
  await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument())
  expect(screen.getByText('Saved it')).toBeInTheDocument()
  await user.keyboard('{Escape}')
  expect(screen.queryByText('Saved it')).not.toBeInTheDocument()
})

it('goes by itself, but not from under the pointer', () => {
  vi.useFakeTimers()
  try {
    render(<Notices />)
    act(() => notify('Could not save it', 'bad'))
    const notice = screen.getByText('Could not save it')
    expect(notice.closest('[aria-live]')).toHaveAttribute('aria-live', 'assertive')
    act(() => void notice.dispatchEvent(new MouseEvent('pointerover', { bubbles: true })))
    act(() => void vi.advanceTimersByTime(60_000))
    expect(notice).toBeInTheDocument()
    act(() => void notice.dispatchEvent(new MouseEvent('pointerout', { bubbles: true })))
    act(() => void vi.advanceTimersByTime(60_000))
    expect(notice).not.toBeInTheDocument()
  } finally {
    vi.useRealTimers()
  }
})
