// How many runs may be at work at once: none, which means any number, or a number.
import { Field, TextInput } from '@/design/field'

/** The field. */
export function LimitField({ limit, onChange }: { limit: number | null; onChange: (limit: number | null) => void }) {
  return (
    <Field label="Concurrency limit" hint="Runs that workers may have at once. Empty: no limit; 0: none is started.">
      {(props) => (
        <TextInput
          {...props}
          type="number"
          min={0}
          value={limit ?? ''}
          onChange={({ target }) => onChange(target.value === '' ? null : Number(target.value))}
        />
      )}
    </Field>
  )
}
