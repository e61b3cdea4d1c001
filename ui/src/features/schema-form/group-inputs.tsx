// Inputs of values that hold others: objects, lists, dictionaries, and one of several kinds.
import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react'
import { use, useRef, useState } from 'react'

import { Button, IconButton } from '@/design/button'
import { Select, TextInput } from '@/design/field'

import { FormContext } from './context'
import { type Described, LeafInput } from './leaf-inputs'
import styles from './schema-form.module.css'
import { merged, type Schema, type Shape, shapeOf } from './shapes'
import { beginning, itemSchema, optionOf, type Path } from './values'

type Of<K extends Shape['kind']> = Extract<Shape, { kind: K }>

interface ObjectProps {
  shape: Of<'object'>
  path: Path
  value: Record<string, unknown>
  onChange: (value: Record<string, unknown>) => void
}

/** The members that a schema names. Others that are there stay, and are told of. */
export function ObjectMembers({ shape, path, value, onChange }: ObjectProps) {
  const { ValueField } = use(FormContext)
  const others = Object.keys(value).filter((name) => !shape.members.some((member) => member.name === name))
  return (
    <>
      {shape.members.map(({ name, schema, isRequired }) => (
        <ValueField
          key={name}
          label={name}
          schema={schema}
          path={[...path, name]}
          value={value[name]}
          isRequired={isRequired}
          onChange={(next) => onChange({ ...value, [name]: next })}
        />
      ))}
      {shape.other === null && others.length > 0 && (
        <p className={styles.hint}>Sent as well, though the schema does not name it: {others.join(', ')}.</p>
      )}
    </>
  )
}

/** Members of any name, each with a value of one schema. */
export function DictionaryRows({ shape, path, value, onChange, other }: ObjectProps & { other: Schema }) {
  const { ValueField } = use(FormContext)
  const entries = Object.entries(value)
  const isNamed = (name: string) => shape.members.some((member) => member.name === name)
  const rename = (from: string, to: string) =>
    onChange(Object.fromEntries(entries.map(([name, each]) => [name === from ? to : name, each])))
  const add = () => {
    let name = 'key'
    for (let number = 2; name in value; number += 1) name = `key ${number}`
    onChange({ ...value, [name]: undefined })
  }
  return (
    <>
      {entries.map(([name, each], index) =>
        isNamed(name) ? null : (
          <div key={index} className={styles.entry}>
            <KeyInput name={name} isTaken={(next) => next in value} onChange={(next) => rename(name, next)} />
            <ValueField
              label={`Value of ${name}`}
              schema={other}
              path={[...path, name]}
              value={each}
              isRequired
              onChange={(next) => onChange({ ...value, [name]: next })}
              actions={
                <IconButton
                  label={`Remove ${name}`}
                  icon={<X size={15} aria-hidden />}
                  onClick={() => onChange(Object.fromEntries(entries.filter(([key]) => key !== name)))}
                />
              }
            />
          </div>
        ),
      )}
      <Button className={styles.switch} icon={<Plus size={15} aria-hidden />} onClick={add}>
        Add entry
      </Button>
    </>
  )
}

interface KeyProps {
  name: string
  isTaken: (name: string) => boolean
  onChange: (name: string) => void
}

function KeyInput({ name, isTaken, onChange }: KeyProps) {
  const [typed, setTyped] = useState(name)
  const isWrong = typed !== name
  const change = (next: string) => {
    setTyped(next)
    if (next !== '' && next !== name && !isTaken(next)) onChange(next)
  }
  return (
    <div>
      <TextInput
        aria-label={`Name of ${name}`}
        aria-invalid={isWrong || undefined}
        value={typed}
        onChange={(event) => change(event.target.value)}
      />
      {isWrong && <p className={styles.wrong}>{typed === '' ? 'A name is needed.' : 'There is one of this name.'}</p>}
    </div>
  )
}

interface ListProps {
  shape: Of<'list'> | Of<'tuple'>
  label: string
  path: Path
  value: readonly unknown[]
  onChange: (value: unknown[]) => void
}

/** The items of a list, which can be moved, or of a tuple. */
export function ListItems({ shape, label, path, value, onChange }: ListProps) {
  const { root, ValueField } = use(FormContext)
  const fixed = shape.kind === 'tuple' ? shape.items.length : 0
  const count = Math.max(value.length, fixed)
  const items = Array.from({ length: count }, (_, index) => value[index])
  const canAdd = shape.kind === 'list' || shape.rest !== null
  const swap = (index: number, other: number) => {
    const next = [...items]
    ;[next[index], next[other]] = [next[other], next[index]]
    onChange(next)
  }
  return (
    <div className={styles.nested}>
      {items.map((item, index) => (
        <ValueField
          // Fields keep what was typed by their place, so a move shows the values anew.
          key={index}
          label={`${label} ${index + 1}`}
          schema={itemSchema(shape, index)}
          path={[...path, index]}
          value={item}
          isRequired
          onChange={(next) => onChange(items.map((each, place) => (place === index ? next : each)))}
          actions={
            index >= fixed && (
              <ItemActions
                name={`${label} ${index + 1}`}
                onUp={index > fixed ? () => swap(index, index - 1) : null}
                onDown={index < count - 1 ? () => swap(index, index + 1) : null}
                onRemove={() => onChange(items.filter((_, place) => place !== index))}
              />
            )
          }
        />
      ))}
      {canAdd && (
        <Button
          className={styles.switch}
          icon={<Plus size={15} aria-hidden />}
          aria-label={`Add item to ${label}`}
          onClick={() => onChange([...items, beginning(itemSchema(shape, count), root)])}
        >
          Add item
        </Button>
      )}
    </div>
  )
}

interface ItemActionsProps {
  name: string
  onUp: (() => void) | null
  onDown: (() => void) | null
  onRemove: () => void
}

function ItemActions({ name, onUp, onDown, onRemove }: ItemActionsProps) {
  return (
    <>
      <IconButton
        label={`Move ${name} up`}
        icon={<ArrowUp size={15} aria-hidden />}
        disabled={onUp === null}
        onClick={() => onUp?.()}
      />
      <IconButton
        label={`Move ${name} down`}
        icon={<ArrowDown size={15} aria-hidden />}
        disabled={onDown === null}
        onClick={() => onDown?.()}
      />
      <IconButton label={`Remove ${name}`} icon={<X size={15} aria-hidden />} onClick={onRemove} />
    </>
  )
}

interface UnionProps {
  shape: Of<'union'>
  label: string
  path: Path
  value: unknown
  onChange: (value: unknown) => void
  described: Described
}

/** A choice of kind, and the input of that kind. What was given as another kind comes back with it. */
export function UnionInput({ shape, label, path, value, onChange, described }: UnionProps) {
  const { root, ValueField } = use(FormContext)
  const found = value === undefined || value === null ? -1 : optionOf(value, shape.options, root)
  const [picked, setPicked] = useState(Math.max(0, found))
  const kept = useRef(new Map<number, unknown>())
  const chosen = found >= 0 && !fitsPicked(value, shape.options[picked], root) ? found : picked
  const option = shape.options[chosen] ?? {}
  const pick = (next: number) => {
    kept.current.set(chosen, value)
    setPicked(next)
    onChange(kept.current.has(next) ? kept.current.get(next) : beginning(shape.options[next] ?? {}, root))
  }
  const inner = shapeOf(option, root).shape
  const isSingle = !['list', 'tuple', 'object', 'union', 'block'].includes(inner.kind)
  return (
    <div className={styles.nested}>
      <Select
        aria-label={`Kind of ${label}`}
        options={shape.options.map((each, index) => [String(index), optionName(each, root)] as const)}
        value={String(chosen)}
        onChange={(event) => pick(Number(event.target.value))}
      />
      {isSingle ? (
        <LeafInput key={chosen} shape={inner} value={value} onChange={onChange} described={described} />
      ) : (
        <ValueField
          key={chosen}
          label={optionName(option, root)}
          schema={option}
          path={path}
          value={value}
          isRequired
          isInner
          onChange={onChange}
        />
      )}
    </div>
  )
}

function fitsPicked(value: unknown, option: Schema | undefined, root: Schema): boolean {
  return option !== undefined && optionOf(value, [option], root) === 0
}

const NAMES: Record<Shape['kind'], string> = {
  text: 'Text',
  number: 'Number',
  boolean: 'Yes or no',
  null: 'None (null)',
  const: 'A fixed value',
  choice: 'A choice',
  list: 'List',
  tuple: 'Tuple',
  object: 'Object',
  union: 'One of several',
  block: 'Block',
  any: 'JSON',
}

function optionName(option: Schema, root: Schema): string {
  const { title } = merged(option, root)
  if (typeof title === 'string') return title
  const { shape } = shapeOf(option, root)
  if (shape.kind === 'const') return String(shape.value)
  if (shape.kind === 'number') return shape.isInteger ? 'Whole number' : 'Number'
  if (shape.kind === 'list') return `List of: ${optionName(shape.item, root).toLowerCase()}`
  if (shape.kind === 'text' && shape.format !== 'plain')
    return { datetime: 'Date and time', date: 'Date', time: 'Time', duration: 'Span of time', secret: 'Secret' }[
      shape.format
    ]
  return NAMES[shape.kind]
}
