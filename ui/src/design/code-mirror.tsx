// The editor by CodeMirror, coloured by the tokens of the page. Only `code-editor.tsx` loads it.
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { json } from '@codemirror/lang-json'
import { python } from '@codemirror/lang-python'
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, syntaxTree } from '@codemirror/language'
import { type Diagnostic, lintGutter, linter, lintKeymap } from '@codemirror/lint'
import { Compartment, EditorState, type Extension } from '@codemirror/state'
import { EditorView, highlightSpecialChars, keymap, lineNumbers, placeholder as placeholderOf } from '@codemirror/view'
import { useEffect, useLayoutEffect, useRef } from 'react'

import { readJson } from '@/lib/json'

import { codeLook } from './code-look'
import type { EditorProps } from './plain-editor'

const LINE_HEIGHT = 1.6
const LINT_DELAY = 400
const LANGUAGES: Record<EditorProps['language'], () => Extension> = {
  json: () => [json(), lintGutter(), linter(problemsOfJson, { delay: LINT_DELAY })],
  python: () => python(),
  text: () => [],
}

/** The editor. */
export default function CodeMirror({
  language,
  value,
  onChange,
  onBlur,
  rows = 5,
  caret,
  placeholder = '',
  ...named
}: EditorProps) {
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(null)
  const told = useRef({ onChange, onBlur })
  const attributes = useRef(new Compartment())
  const isReadOnly = onChange === undefined
  const names = JSON.stringify(namesOf(named))
  const first = useRef({ value, names, placeholder })

  useEffect(() => {
    told.current = { onChange, onBlur }
  })
  useLayoutEffect(() => {
    if (host.current === null) return
    const editor = new EditorView({
      parent: host.current,
      doc: first.current.value,
      extensions: [
        ...behaviour(isReadOnly),
        LANGUAGES[language](),
        attributes.current.of(attributesOf(first.current.names, first.current.placeholder)),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) told.current.onChange?.(update.state.doc.toString())
          if (update.focusChanged && !update.view.hasFocus) told.current.onBlur?.()
        }),
      ],
    })
    view.current = editor
    takeCaret(editor, caret)
    return () => editor.destroy()
  }, [language, isReadOnly, caret])
  useEffect(() => {
    first.current.value = value
    const editor = view.current
    const length = editor?.state.doc.length
    if (editor?.state.doc.toString() !== value) editor?.dispatch({ changes: { from: 0, to: length, insert: value } })
  }, [value])
  useEffect(() => {
    first.current.names = names
    first.current.placeholder = placeholder
    view.current?.dispatch({ effects: attributes.current.reconfigure(attributesOf(names, placeholder)) })
  }, [names, placeholder])
  useLabel(named['aria-labelledby'], view)
  return <div ref={host} style={{ '--least': `${rows * LINE_HEIGHT}em` } as React.CSSProperties /* a token */} />
}

function behaviour(isReadOnly: boolean): Extension[] {
  return [
    lineNumbers(),
    foldGutter(),
    highlightSpecialChars(),
    history(),
    indentOnInput(),
    bracketMatching(),
    EditorView.lineWrapping,
    EditorState.readOnly.of(isReadOnly),
    // No key for Tab: it leaves the editor, as it leaves every field.
    keymap.of([...defaultKeymap, ...historyKeymap, ...foldKeymap, ...lintKeymap]),
    codeLook,
  ]
}

/** The attributes that name the editor to those who hear it; those without a value are left out. */
function namesOf(named: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(named)
      .filter(([, each]) => each !== undefined)
      .map(([name, each]) => [name, String(each)]),
  )
}

function attributesOf(names: string, placeholder: string): Extension {
  // With a place in the order of Tab, so that what is longer than its box can be scrolled by keys.
  return [
    EditorView.contentAttributes.of({ tabindex: '0', ...(JSON.parse(names) as Record<string, string>) }), // by namesOf
    placeholderOf(placeholder),
  ]
}

function takeCaret(editor: EditorView, caret: EditorProps['caret']): void {
  if (!caret?.current) return
  const [anchor, head] = caret.current
  const length = editor.state.doc.length
  caret.current = null
  editor.focus()
  editor.dispatch({ selection: { anchor: Math.min(anchor, length), head: Math.min(head, length) } })
}

/** A click on the label leads into the editor, which is no form element to the browser. */
function useLabel(id: string | undefined, view: React.RefObject<EditorView | null>): void {
  useEffect(() => {
    const label = id === undefined ? null : document.getElementById(id)
    const focus = () => view.current?.focus()
    label?.addEventListener('click', focus)
    return () => label?.removeEventListener('click', focus)
  }, [id, view])
}

/** Where the text stops being JSON: the place by the syntax tree, the words by the parser. */
export function problemsOfJson({ state }: Pick<EditorView, 'state'>): Diagnostic[] {
  const text = state.doc.toString()
  if (text.trim() === '') return []
  const { problem } = readJson(text)
  if (problem === undefined) return []
  let at: { from: number; to: number } | undefined
  syntaxTree(state).iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) at ??= { from, to }
    },
  })
  const { from, to } = at ?? { from: 0, to: text.length }
  return [{ from, to: Math.max(to, Math.min(from + 1, text.length)), severity: 'error', message: problem }]
}
