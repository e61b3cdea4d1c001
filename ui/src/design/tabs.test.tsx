import { render, screen } from '@testing-library/react'
import { expect, it, vi } from 'vitest'

import { Tabs } from './tabs'

const NAMES = ['one', 'two', 'three', 'four'] as const
const WIDTH = 100

function Example({ value }: { value: (typeof NAMES)[number] }) {
  const tabs = NAMES.map((name) => ({ value: name, label: name, content: () => name }))
  return <Tabs label="Parts" value={value} onChange={() => undefined} tabs={tabs} />
}

it('shows the chosen tab where not all of them have room', () => {
  vi.spyOn(HTMLElement.prototype, 'offsetWidth', 'get').mockReturnValue(WIDTH)
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(2 * WIDTH)
  vi.spyOn(HTMLElement.prototype, 'offsetLeft', 'get').mockImplementation(function (this: HTMLElement) {
    return this.role === 'tab' ? WIDTH * NAMES.indexOf(this.textContent as (typeof NAMES)[number]) : 0
  })
  try {
    const { rerender } = render(<Example value="three" />)
    const list = screen.getByRole('tablist')
    expect(list.scrollLeft).toBe(WIDTH)
    rerender(<Example value="two" />)
    expect(list.scrollLeft).toBe(WIDTH)
    rerender(<Example value="one" />)
    expect(list.scrollLeft).toBe(0)
  } finally {
    vi.restoreAllMocks()
  }
})
