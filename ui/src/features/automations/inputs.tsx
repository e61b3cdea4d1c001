// Inputs of automations: lists of words, and labels.
import { useState } from 'react'

import { Field, TextArea, TextInput } from '@/design/field'
import { Button } from '@/design/button'
import { Menu, MenuCheck } from '@/design/overlays'
import { readWords } from '@/lib/words'

import { type Labels, readLabels, writeLabels } from './labels'

interface WordsFieldProps {
  label: string
  hint?: string
  words: readonly string[]
  /** The words that there are; without them anything can be typed. */
  known?: readonly string[]
  onChange: (words: string[]) => void
}

/** Several words: ticked where they are known, typed with commas between them where not. */
export function WordsField({ label, hint, words, known, onChange }: WordsFieldProps) {
  const [typed, setTyped] = useState(words.join(', '))
  const isOther = readWords(typed).join() !== words.join()
  if (isOther && known === undefined) setTyped(words.join(', '))
  return (
    <Field label={label} hint={hint}>
      {(props) =>
        known === undefined ? (
          <TextInput
            {...props}
            value={typed}
            onChange={({ target }) => {
              setTyped(target.value)
              onChange(readWords(target.value))
            }}
          />
        ) : (
          <Menu
            trigger={
              <Button {...props} aria-labelledby={`${props['aria-labelledby']} ${props.id}`}>
                {words.length === 0 ? 'None' : words.join(', ')}
              </Button>
            }
          >
            {known.map((word) => (
              <MenuCheck
                key={word}
                isChecked={words.includes(word)}
                onChange={(isChecked) => onChange(isChecked ? [...words, word] : words.filter((each) => each !== word))}
              >
                {word}
              </MenuCheck>
            ))}
          </Menu>
        )
      }
    </Field>
  )
}

interface LabelsFieldProps {
  label: string
  hint?: string
  labels: Labels
  onChange: (labels: Labels) => void
}

/** Labels, one a line; what cannot be read is kept here and not passed on. */
export function LabelsField({ label, hint, labels, onChange }: LabelsFieldProps) {
  const [typed, setTyped] = useState(writeLabels(labels))
  const read = readLabels(typed)
  const error = read === undefined ? 'Each line must be: label = value' : undefined
  return (
    <Field label={label} hint={hint} error={error}>
      {(props) => (
        <TextArea
          {...props}
          rows={2}
          spellCheck={false}
          value={typed}
          onChange={({ target }) => {
            setTyped(target.value)
            const next = readLabels(target.value)
            if (next !== undefined) onChange(next)
          }}
        />
      )}
    </Field>
  )
}
