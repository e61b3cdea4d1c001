// Inputs of single values: text, numbers, choices, dates, spans, JSON. What cannot be read yet is kept as it was typed.
import { useState } from 'react'

import { CodeEditor } from '@/design/code-editor'
import { Select, TextArea, TextInput } from '@/design/field'
import { DateTimeInput } from '@/features/datetime-input'
import { spanWords, isoSpan, readSpan } from '@/lib/spans'

import styles from './schema-form.module.css'
import type { Shape } from './shapes'
import { isSame, jsonOf, readJson, Unread } from './values'

export interface Described {
  id: string
  'aria-labelledby': string
  'aria-describedby': string | undefined
  'aria-invalid': true | undefined
}

interface LeafProps {
  shape: Shape
  value: unknown
  onChange: (value: unknown) => void
  described: Described
  placeholder?: string
  isRequired?: boolean
}

/** The input of a shape that holds nothing further. */
export function LeafInput(props: LeafProps) {
  const { shape, value, onChange, described, placeholder } = props
  const shown = value === null ? 'None (null)' : placeholder
  switch (shape.kind) {
    case 'text':
      if (shape.format === 'datetime')
        return (
          <DateTimeInput {...described} value={value as string | undefined} onChange={onChange} placeholder={shown} />
        )
      if (shape.format === 'duration')
        return (
          <Typed
            {...props}
            placeholder={shown ?? '1h 30m'}
            write={spanText}
            read={(text) => readSpanAs(text, isoSpan)}
          />
        )
      return <Text {...props} format={shape.format} placeholder={shown} />
    case 'number':
      if (shape.isSpan)
        return (
          <Typed
            {...props}
            placeholder={shown ?? '1h 30m'}
            write={spanText}
            read={(text) => readSpanAs(text, Number)}
          />
        )
      return (
        <Typed
          {...props}
          placeholder={shown}
          write={String}
          read={(text) => readNumber(text, shape.isInteger)}
          inputMode="decimal"
        />
      )
    case 'boolean':
      return <Choice {...{ value, onChange, described }} choices={[true, false]} words={['Yes', 'No']} />
    case 'choice':
      return <Choice {...{ value, onChange, described }} choices={shape.choices} words={shape.choices.map(wordOf)} />
    case 'const':
      return <Choice {...{ value, onChange, described }} choices={[shape.value]} words={[wordOf(shape.value)]} />
    case 'null':
      return <Choice {...{ value, onChange, described }} choices={[null]} words={['None (null)']} />
    default:
      return <Json {...props} />
  }
}

function Text({ value, onChange, described, placeholder, format }: LeafProps & { format: string }) {
  const isSecret = format === 'secret'
  const isLong = typeof value === 'string' && value.includes('\n')
  const given = {
    ...described,
    value: typeof value === 'string' ? value : '',
    placeholder: value === '' ? 'Empty text' : placeholder,
    onChange: (event: { target: { value: string } }) =>
      onChange(event.target.value === '' ? undefined : event.target.value),
  }
  if (isLong) return <TextArea {...given} rows={4} spellCheck={false} />
  if (isSecret) return <TextInput {...given} type="password" autoComplete="new-password" />
  return (
    <TextInput
      {...given}
      type={format === 'date' || format === 'time' ? format : 'text'}
      step={format === 'time' ? 1 : undefined}
    />
  )
}

interface TypedProps extends LeafProps {
  write: (value: never) => string
  read: (text: string) => unknown
  inputMode?: 'decimal'
}

/** A text that stands for another value; the text stays as it was typed while it does. */
function Typed({ value, onChange, described, placeholder, write, read, inputMode }: TypedProps) {
  const [typed, setTyped] = useState('')
  const plain =
    value === undefined || value === null ? '' : value instanceof Unread ? value.text : write(value as never) // of its shape
  const stands = typed !== '' && !(value instanceof Unread) && isSame(read(typed), value)
  const change = (text: string) => {
    setTyped(text)
    onChange(text.trim() === '' ? undefined : read(text))
  }
  return (
    <>
      <TextInput
        {...described}
        inputMode={inputMode}
        placeholder={placeholder}
        value={stands ? typed : plain}
        onChange={(event) => change(event.target.value)}
      />
      {stands && typed !== plain && <span className={styles.meant}>= {plain}</span>}
    </>
  )
}

function readNumber(text: string, isInteger: boolean): unknown {
  const number = Number(text)
  if (Number.isNaN(number) || !Number.isFinite(number)) return new Unread(text, 'This is not a number.')
  if (isInteger && !Number.isInteger(number)) return new Unread(text, 'A whole number is needed.')
  if (Number.isInteger(number) && !Number.isSafeInteger(number))
    return new Unread(text, 'A browser cannot hold a number as large as this exactly.')
  return number
}

function readSpanAs(text: string, write: (seconds: number) => unknown): unknown {
  const seconds = readSpan(text)
  return seconds === null ? new Unread(text, 'A span of time is needed, such as 1h 30m or PT1H30M.') : write(seconds)
}

function spanText(value: string | number): string {
  const seconds = typeof value === 'number' ? value : readSpan(value)
  return seconds === null ? String(value) : spanWords(seconds)
}

interface ChoiceProps {
  value: unknown
  onChange: (value: unknown) => void
  described: Described
  choices: readonly unknown[]
  words: readonly string[]
}

/** One of the values; an empty choice leaves it out. */
function Choice({ value, onChange, described, choices, words }: ChoiceProps) {
  const keys = choices.map((choice) => JSON.stringify(choice))
  const keyOf = (index: number) => keys[index] ?? ''
  const options = [
    ['', value === null && !choices.includes(null) ? 'None (null)' : 'The default'] as const,
    ...words.map((word, index) => [keyOf(index), word] as const),
  ]
  const chosen = value === undefined ? -1 : choices.findIndex((choice) => isSame(choice, value))
  return (
    <Select
      {...described}
      options={options}
      value={chosen < 0 ? '' : keyOf(chosen)}
      onChange={(event) => onChange(event.target.value === '' ? undefined : choices[keys.indexOf(event.target.value)])}
    />
  )
}

function wordOf(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : JSON.stringify(value)
}

function Json({ shape, value, onChange, described, placeholder }: LeafProps) {
  const [typed, setTyped] = useState('')
  const plain = value instanceof Unread ? value.text : value === undefined ? '' : jsonOf(value)
  const stands = typed !== '' && !(value instanceof Unread) && isSame(readJson(typed), value)
  const change = (text: string) => {
    setTyped(text)
    const read = text.trim() === '' ? undefined : readJson(text)
    onChange(
      isOfType(read, shape)
        ? read
        : new Unread(text, `A JSON ${String(shape.kind === 'any' && shape.type)} is needed.`),
    )
  }
  return (
    <CodeEditor
      {...described}
      language="json"
      rows={Math.min(16, Math.max(3, plain.split('\n').length))}
      placeholder={placeholder ?? 'JSON'}
      value={stands ? typed : plain}
      onChange={change}
    />
  )
}

function isOfType(value: unknown, shape: Shape): boolean {
  if (value === undefined || value instanceof Unread || shape.kind !== 'any' || shape.type === null) return true
  return shape.type === 'array'
    ? Array.isArray(value)
    : typeof value === 'object' && value !== null && !Array.isArray(value)
}
