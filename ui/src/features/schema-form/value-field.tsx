// One value with its label: the input of its shape, or JSON, a template or a variable in its stead.
import { Ellipsis } from 'lucide-react'
import { use, useId } from 'react'

import { IconButton } from '@/design/button'
import { Menu, MenuItem } from '@/design/overlays'

import { BlockInput } from './block-input'
import { FormContext, type ValueFieldProps } from './context'
import { DictionaryRows, ListItems, ObjectMembers, UnionInput } from './group-inputs'
import { type Described, LeafInput } from './leaf-inputs'
import { ReferenceInput } from './reference-input'
import styles from './schema-form.module.css'
import { type Known, merged, type Schema, type Shape, shapeOf } from './shapes'
import { beginning, fits, jsonOf, type Path, problemAt, readReference, Unread, writeReference } from './values'

const GROUPS: readonly Shape['kind'][] = ['list', 'tuple', 'object', 'union']
const DEEPEST = 12

/** The field. */
export function ValueField({
  label,
  schema,
  path,
  value,
  isRequired,
  onChange,
  actions,
  isInner = false,
}: ValueFieldProps) {
  const { root, problems, placeholders } = use(FormContext)
  const id = useId()
  const plain = merged(schema, root)
  const known = path.length > DEEPEST ? ANYTHING : shapeOf(schema, root)
  const title = typeof plain.title === 'string' && typeof path.at(-1) !== 'number' ? plain.title : label
  const isGroup = GROUPS.includes(known.shape.kind) && readReference(value) === null
  const isShown = isGroup && (value === undefined || value === null || fits(value, known.shape, root))
  const problem = isInner
    ? undefined
    : ((value instanceof Unread ? value.problem : undefined) ?? problemAt(problems, path, !isShown))
  const hint = typeof plain.description === 'string' ? plain.description : undefined
  const described: Described = {
    id,
    'aria-labelledby': `${id}-label`,
    'aria-describedby': (problem ?? hint) === undefined ? undefined : `${id}-said`,
    'aria-invalid': problem === undefined ? undefined : true,
  }
  const text = isRequired ? `${title} (required)` : title
  const placeholder = placeholders[path.join('/')] ?? defaultWords(plain.default)
  const input = { label: title, schema, known, path, value, onChange, described, placeholder, isRequired }
  return (
    <div
      className={styles.field}
      role={isGroup ? 'group' : undefined}
      aria-labelledby={isGroup ? `${id}-label` : undefined}
    >
      <div className={styles.head}>
        {isGroup ? (
          <span id={`${id}-label`} className={styles.label}>
            {text}
          </span>
        ) : (
          <label id={`${id}-label`} htmlFor={id} className={styles.label}>
            {text}
          </label>
        )}
        <span className={styles.headActions}>
          {!isInner && <OtherWays {...input} />}
          {actions}
        </span>
      </div>
      <ValueInput {...input} />
      {(problem ?? hint) !== undefined && (
        <p id={`${id}-said`} className={problem === undefined ? styles.hint : styles.wrong}>
          {problem ?? hint}
        </p>
      )}
    </div>
  )
}

const ANYTHING: Known = { shape: { kind: 'any', type: null }, isNullable: true }

interface InputProps {
  label: string
  schema: Schema
  known: Known
  path: Path
  value: unknown
  onChange: (value: unknown) => void
  described: Described
  placeholder: string | undefined
  isRequired: boolean
}

function ValueInput(props: InputProps) {
  const { root } = use(FormContext)
  const { known, schema, path, value, onChange, described, placeholder, label, isRequired } = props
  const { shape } = known
  const reference = readReference(value)
  if (reference !== null) return <ReferenceInput reference={reference} described={described} onChange={onChange} />
  if (value !== undefined && value !== null && !(value instanceof Unread) && !fits(value, shape, root))
    return <LeafInput shape={ANYTHING.shape} value={value} onChange={onChange} described={described} />
  if (shape.kind === 'block')
    return <BlockInput slugs={shape.slugs} value={value} described={described} onChange={onChange} />
  if (shape.kind === 'union') return <UnionInput {...{ shape, label, path, value, onChange, described }} />
  if (shape.kind === 'list' || shape.kind === 'tuple') {
    if (value === undefined || value === null) return <Absent {...props} root={root} />
    return <ListItems {...{ shape, label, path, onChange }} value={value as unknown[] /* it fits */} />
  }
  if (shape.kind === 'object') {
    if (value === null || (value === undefined && !(isRequired && path.length < 3)))
      return <Absent {...props} root={root} />
    const members = (value ?? {}) as Record<string, unknown> // it fits
    return (
      <div className={styles.nested}>
        <ObjectMembers {...{ shape, path, onChange }} value={members} />
        {shape.other !== null && <DictionaryRows {...{ shape, path, onChange }} value={members} other={shape.other} />}
      </div>
    )
  }
  return (
    <LeafInput
      {...{ shape, value, onChange, described, placeholder }}
      isRequired={isRequired || schema.default === undefined}
    />
  )
}

function Absent({ label, schema, value, known, root, onChange, described }: InputProps & { root: Schema }) {
  const said = value === null ? 'None (null)' : 'Not given'
  const isList = known.shape.kind === 'list'
  const make = () => {
    const made = beginning(schema, root)
    onChange(isList && Array.isArray(made) && made.length === 0 ? [undefined] : (made ?? {}))
  }
  return (
    <div className={styles.absent}>
      <span className={styles.quiet}>{said}</span>
      <button
        type="button"
        id={described.id}
        className={styles.add}
        aria-label={`${isList ? 'Add item to' : 'Fill in'} ${label}`}
        onClick={make}
      >
        {isList ? 'Add item' : 'Fill in'}
      </button>
    </div>
  )
}

/** A menu of how else the value can be given. */
function OtherWays({ label, known, value, onChange, schema, isRequired }: InputProps) {
  const { canRefer, root } = use(FormContext)
  const { shape } = known
  const isReferring = readReference(value) !== null
  const isBare = value === undefined
  const refer = (kind: 'json' | 'jinja' | 'workspace_variable', text: string) =>
    onChange(writeReference({ kind, text }))
  const ways: [string, boolean, () => void][] = [
    ['A plain value', isReferring, () => onChange(beginning(schema, root))],
    ['The default', !isBare && !isRequired, () => onChange(undefined)],
    ['None (null)', known.isNullable && value !== null, () => onChange(null)],
    ['An empty text', shape.kind === 'text' && shape.format === 'plain' && value !== '', () => onChange('')],
    ['JSON', canRefer, () => refer('json', isBare || isReferring ? '' : jsonOf(value))],
    ['A template (Jinja)', canRefer, () => refer('jinja', typeof value === 'string' ? value : '')],
    ['A variable', canRefer, () => refer('workspace_variable', '')],
  ]
  const offered = ways.filter(([, isOffered]) => isOffered)
  if (offered.length === 0) return null
  return (
    <Menu trigger={<IconButton label={`Other ways to give ${label}`} icon={<Ellipsis size={15} aria-hidden />} />}>
      {offered.map(([words, , choose]) => (
        <MenuItem key={words} onSelect={choose}>
          {words}
        </MenuItem>
      ))}
    </Menu>
  )
}

function defaultWords(value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (value === null) return 'None'
  return typeof value === 'string' ? (value === '' ? 'Empty text' : value) : JSON.stringify(value)
}
