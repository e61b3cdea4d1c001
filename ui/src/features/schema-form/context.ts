// What all inputs of one form share, also how a value within a value is shown.
import { type ComponentType, createContext, type ReactNode } from 'react'

import type { Schema } from './shapes'
import type { Path, Problems } from './values'

export interface ValueFieldProps {
  label: string
  schema: Schema
  path: Path
  value: unknown
  isRequired: boolean
  onChange: (value: unknown) => void
  /** What else can be done with it, beside its label. */
  actions?: ReactNode
  /** Whether it stands within a field of the same value, which says what is wrong. */
  isInner?: boolean
}

interface FormShared {
  /** The whole schema, in which references lead. */
  root: Schema
  problems: Problems
  canRefer: boolean
  placeholders: Record<string, string>
  /** The field of a value. */
  ValueField: ComponentType<ValueFieldProps>
}

export const FormContext = createContext<FormShared>({
  root: {},
  problems: {},
  canRefer: false,
  placeholders: {},
  ValueField: () => null,
})
