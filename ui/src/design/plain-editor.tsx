// An editor of code that needs nothing: it stands where the real one will be, and where that cannot be loaded.
import { type RefObject, useLayoutEffect, useRef } from 'react'

import { TextArea } from './field'

/** From where to where a text is selected, in characters. */
export type Caret = [from: number, to: number]

export interface EditorProps {
  /** `text` is not coloured. */
  language: 'json' | 'python' | 'text'
  value: string
  /** Without it the text can be read and copied, not changed. */
  onChange?: (text: string) => void
  onBlur?: () => void
  /** What stands in it while it is empty. */
  placeholder?: string
  /** How many lines it has room for at least. */
  rows?: number
  id?: string
  'aria-label'?: string
  'aria-labelledby'?: string
  'aria-describedby'?: string
  'aria-invalid'?: boolean
  /** Where the caret is handed over, so that typing goes on when one editor takes another's place. */
  caret?: RefObject<Caret | null>
}

/** The editor. */
export function PlainEditor({ language, onChange, rows = 5, caret, ...rest }: EditorProps) {
  const area = useRef<HTMLTextAreaElement>(null)
  useLayoutEffect(() => {
    const element = area.current
    return () => {
      if (caret === undefined || element === null || document.activeElement !== element) return
      caret.current = [element.selectionStart, element.selectionEnd]
    }
  }, [caret])
  return (
    <TextArea
      {...rest}
      ref={area}
      rows={rows}
      spellCheck={false}
      data-language={language}
      readOnly={onChange === undefined}
      onChange={(event) => onChange?.(event.target.value)}
    />
  )
}
