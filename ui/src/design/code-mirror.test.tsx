import { json } from '@codemirror/lang-json'
import { ensureSyntaxTree } from '@codemirror/language'
import { EditorState } from '@codemirror/state'
import { render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { describe, expect, it, vi } from 'vitest'

import { CodeEditor } from './code-editor'
import { problemsOfJson } from './code-mirror'
import { Field } from './field'

vi.unmock('@/design/code-mirror')
// What CodeMirror measures, and jsdom has not.
Range.prototype.getClientRects = () => [] as unknown as DOMRectList

function Example({ error }: { error?: string }) {
  const [text, setText] = useState('{"a": 1}')
  return (
    <>
      <Field label="Value" hint="As JSON." error={error}>
        {(props) => <CodeEditor {...props} language="json" value={text} onChange={setText} />}
      </Field>
      <button type="button" onClick={() => setText('[2]')}>
        Other
      </button>
    </>
  )
}

/** The real editor, once it has taken the place of the plain one. */
async function editor(): Promise<HTMLElement> {
  return waitFor(() => {
    const found = screen.getByRole('textbox', { name: 'Value' })
    expect(found).toHaveClass('cm-content')
    return found
  })
}

describe('CodeEditor', () => {
  it('is named and described as other fields are', async () => {
    const { rerender } = render(<Example />)
    expect(await editor()).toHaveAccessibleDescription('As JSON.')
    rerender(<Example error="Not that." />)
    await waitFor(async () => expect(await editor()).toHaveAccessibleDescription('Not that.'))
    expect(await editor()).toHaveAttribute('aria-invalid', 'true')
  })

  it('follows the value, is entered by its label and left by Tab', async () => {
    const user = userEvent.setup()
    render(<Example />)
    expect(await editor()).toHaveTextContent('{"a": 1}')
    await user.click(screen.getByText('Value'))
    expect(await editor()).toHaveFocus()
    await user.tab()
    expect(screen.getByRole('button', { name: 'Other' })).toHaveFocus()
    await user.click(screen.getByRole('button', { name: 'Other' }))
    expect(await editor()).toHaveTextContent('[2]')
  })

  it('can only be read where nothing is done with changes', async () => {
    render(<CodeEditor aria-label="Value" language="python" value="def f(): ..." />)
    expect(await editor()).toHaveAttribute('aria-readonly', 'true')
  })
})

describe('problemsOfJson', () => {
  const stateOf = (doc: string) => {
    const state = EditorState.create({ doc, extensions: json() })
    ensureSyntaxTree(state, doc.length)
    return { state }
  }

  it('finds the place where it stops being JSON', () => {
    expect(problemsOfJson(stateOf('{"a": 1,\n "b": }'))).toMatchObject([
      { severity: 'error', from: 15, message: expect.stringMatching(/^This is not JSON/) as string },
    ])
  })

  it('has nothing against JSON, nor against nothing', () => {
    expect(problemsOfJson(stateOf('{"a": [1, null]}'))).toEqual([])
    expect(problemsOfJson(stateOf('  '))).toEqual([])
  })
})
