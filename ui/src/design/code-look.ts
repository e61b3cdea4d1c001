// How code looks in the editor: the tokens of the page, so that it follows light and dark by itself.
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import type { Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

const theme = EditorView.theme({
  '&': {
    border: '1px solid var(--line-strong)',
    borderRadius: 'var(--radius-sm)',
    background: 'var(--surface)',
    color: 'var(--text)',
    fontSize: 'var(--text-sm)',
  },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '2px' },
  '&:has([aria-invalid=true])': { borderColor: 'var(--failed)' },
  '&:has([aria-readonly=true])': { borderColor: 'var(--line)', background: 'var(--raised)' },
  '.cm-scroller': {
    minHeight: 'calc(var(--least) + var(--space-4))',
    maxHeight: '32rem',
    overflow: 'auto',
    fontFamily: 'var(--mono)',
    lineHeight: '1.6',
  },
  '.cm-content': { paddingBlock: 'var(--space-2)', caretColor: 'var(--text)', minWidth: '0' },
  '.cm-gutters': { border: '0', background: 'transparent', color: 'var(--muted)' },
  '.cm-lineNumbers .cm-gutterElement': { minWidth: '2.2em' },
  '.cm-foldPlaceholder': { border: '1px solid var(--line)', background: 'var(--raised)', color: 'var(--muted)' },
  '&.cm-focused .cm-matchingBracket': { background: 'var(--accent-ground)', color: 'inherit' },
  '&.cm-focused .cm-nonmatchingBracket': { background: 'var(--failed-ground)', color: 'inherit' },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--failed-solid)',
    textUnderlineOffset: '3px',
  },
  '.cm-tooltip': {
    border: '1px solid var(--line)',
    borderRadius: 'var(--radius-sm)',
    background: 'var(--surface)',
    color: 'var(--text)',
    boxShadow: 'var(--shadow)',
  },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--failed-solid)' },
  '.cm-panels': { background: 'var(--raised)', color: 'var(--text)', borderColor: 'var(--line)' },
})

/** The colours of words; each keeps to a contrast of 4.5:1 on the editor's ground (tokens.test.ts). */
const words = HighlightStyle.define([
  {
    tag: [tags.propertyName, tags.definition(tags.variableName), tags.function(tags.variableName)],
    color: 'var(--running)',
  },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--completed)' },
  { tag: [tags.number, tags.className], color: 'var(--scheduled)' },
  { tag: [tags.bool, tags.null, tags.atom], color: 'var(--crashed)' },
  {
    tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword, tags.definitionKeyword, tags.modifier],
    color: 'var(--accent)',
  },
  { tag: [tags.meta, tags.self], color: 'var(--paused)' },
  { tag: [tags.comment, tags.lineComment], color: 'var(--muted)', fontStyle: 'italic' },
])

/** The look of the editor. */
export const codeLook: Extension = [theme, syntaxHighlighting(words)]
