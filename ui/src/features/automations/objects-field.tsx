// Which flows, deployments, pools or tags: chosen by name.
import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { X } from 'lucide-react'

import { allAutomationsQuery } from '@/api/automations'
import { sendingBlocksQuery } from '@/api/blocks'
import { deploymentsQuery } from '@/api/deployments'
import { flowsQuery } from '@/api/flows'
import { queueNamesQuery } from '@/api/queue-names'
import { workPoolsQuery } from '@/api/work-pools'
import { Button } from '@/design/button'
import { Field, Select } from '@/design/field'

import styles from './automations.module.css'
import { WordsField } from './inputs'
import type { RunScope } from './trigger-forms'

const MOST = 200
export type Noun = 'flow' | 'deployment' | 'work-pool' | 'work-queue' | 'automation' | 'notification' | 'webhook'
const LABELS: Record<Noun, string> = {
  flow: 'Flows',
  deployment: 'Deployments',
  'work-pool': 'Work pools',
  'work-queue': 'Work queues',
  automation: 'Automations',
  notification: 'Block',
  webhook: 'Webhook block',
}

type Choices = readonly (readonly [id: string, name: string])[]

/** The objects of a noun by name. */
function useChoices(noun: Noun): Choices {
  const flows = useQuery({ ...flowsQuery({ page: 1, limit: MOST }), enabled: noun === 'flow' })
  const deployments = useQuery({ ...deploymentsQuery({ page: 1, limit: MOST }), enabled: noun === 'deployment' })
  const pools = useQuery({ ...workPoolsQuery(), enabled: noun === 'work-pool' })
  const queues = useQuery({ ...queueNamesQuery(), enabled: noun === 'work-queue' })
  const automations = useQuery({ ...allAutomationsQuery(), enabled: noun === 'automation' })
  const blocks = useQuery({
    ...sendingBlocksQuery(noun === 'webhook' ? 'webhook' : 'notify'),
    enabled: noun === 'notification' || noun === 'webhook',
  })
  const found: Partial<Record<Noun, UseQueryResult<unknown>['data']>> = {
    flow: flows.data?.results,
    deployment: deployments.data?.results,
    'work-pool': pools.data,
    'work-queue': queues.data,
    automation: automations.data,
    notification: blocks.data,
    webhook: blocks.data,
  }
  const named = (found[noun] ?? []) as { id: string; name: string | null }[] // each has these two
  return named.map(({ id, name }) => [id, name ?? id])
}

interface ObjectsFieldProps {
  noun: Noun
  ids: readonly string[]
  onChange: (ids: string[]) => void
}

/** Several objects; none stands for any. */
export function ObjectsField({ noun, ids, onChange }: ObjectsFieldProps) {
  const choices = useChoices(noun)
  const nameOf = (id: string) => choices.find(([each]) => each === id)?.[1] ?? `${id.slice(0, 8)}…`
  return (
    <Field label={LABELS[noun]} hint={ids.length === 0 ? 'None chosen: any.' : undefined}>
      {(props) => (
        <div className={styles.chips}>
          {ids.map((id) => (
            <Button
              key={id}
              icon={<X size={14} aria-hidden />}
              aria-label={`Leave ${nameOf(id)} out`}
              onClick={() => onChange(ids.filter((each) => each !== id))}
            >
              {nameOf(id)}
            </Button>
          ))}
          <Select
            {...props}
            options={[['', 'Add one'], ...choices.filter(([id]) => !ids.includes(id))]}
            value=""
            onChange={({ target }) => target.value !== '' && onChange([...ids, target.value])}
          />
        </div>
      )}
    </Field>
  )
}

/** One object. */
export function ObjectField({ noun, id, onChange }: { noun: Noun; id: string; onChange: (id: string) => void }) {
  const choices = useChoices(noun)
  const isSender = noun === 'notification' || noun === 'webhook'
  const none = isSender && choices.length === 0 ? 'There is none yet: make a block first.' : undefined
  return (
    <Field label={LABELS[noun].replace(/s$/, '')} hint={none}>
      {(props) => (
        <Select
          {...props}
          required
          options={[['', 'Choose one'], ...choices]}
          value={id}
          onChange={({ target }) => onChange(target.value)}
        />
      )}
    </Field>
  )
}

const SCOPES = [
  ['any', 'Any flow run'],
  ['flow', 'Flow runs of flows'],
  ['deployment', 'Flow runs of deployments'],
  ['tag', 'Flow runs with a tag'],
] as const

/** Of which runs. */
export function ScopeFields({ scope, onChange }: { scope: RunScope; onChange: (scope: RunScope) => void }) {
  return (
    <>
      <Field label="Of">
        {(props) => (
          <Select
            {...props}
            options={SCOPES}
            value={scope.by}
            onChange={({ target }) => onChange({ by: target.value as RunScope['by'] /* an option */, of: [] })}
          />
        )}
      </Field>
      {scope.by === 'tag' && <WordsField label="Tags" words={scope.of} onChange={(of) => onChange({ ...scope, of })} />}
      {(scope.by === 'flow' || scope.by === 'deployment') && (
        <ObjectsField noun={scope.by} ids={scope.of} onChange={(of) => onChange({ ...scope, of })} />
      )}
    </>
  )
}
