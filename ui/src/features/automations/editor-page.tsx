// Builds an automation by a form or as JSON, and says what it would have done before it is saved.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'

import { automationQuery, saveAutomation } from '@/api/automations'
import { messageOf } from '@/api/errors'
import { eventQuery } from '@/api/events'
import type { AutomationDraft, Event } from '@/api/types'
import { Button } from '@/design/button'
import { CodeEditor } from '@/design/code-editor'
import { Field } from '@/design/field'
import { Page, Panel } from '@/design/page'
import { Skeleton } from '@/design/skeleton'
import { Tabs } from '@/design/tabs'
import { notify } from '@/design/toast'
import { QueryView } from '@/features/query-view'

import styles from './automations.module.css'
import { BacktestPanel } from './backtest-panel'
import { BuilderForm } from './builder-form'
import { copyOf, draftFor, draftFrom, draftOf, newDraft, readDraft } from './draft'
import { PreviewPanel } from './preview-panel'
import type { NewSearch } from './search'
import { useNames } from './use-names'
import { triggerWords } from './words'

/** The page of a new automation: an empty one, one for an event that was seen, for a deployment, or a copy. */
export function NewPage({ search }: { search: NewSearch }) {
  if (search.copy !== undefined) return <CopyPage id={search.copy} />
  if (search.event !== undefined) return <FromEventPage id={search.event} />
  const initial = search.deployment === undefined ? newDraft() : draftFor(search.deployment)
  return <Editor id={null} title="New automation" initial={initial} />
}

function CopyPage({ id }: { id: string }) {
  const automation = useQuery({ ...automationQuery(id), staleTime: Infinity })
  return (
    <QueryView query={automation} placeholder={<Skeleton lines={8} />} errorTitle="The automation could not be loaded">
      {(data) => <Editor id={null} title={`Copy of ${data.name}`} initial={copyOf(data)} />}
    </QueryView>
  )
}

function FromEventPage({ id }: { id: string }) {
  const event = useQuery(eventQuery(id))
  return (
    <QueryView query={event} placeholder={<Skeleton lines={8} />} errorTitle="The event could not be loaded">
      {(data) => (
        <Editor
          id={null}
          title="New automation"
          initial={data === null ? newDraft() : draftFrom(data)}
          event={data ?? undefined}
        />
      )}
    </QueryView>
  )
}

/** The page that changes one. */
export function EditPage({ id }: { id: string }) {
  const automation = useQuery({ ...automationQuery(id), staleTime: Infinity })
  return (
    <QueryView query={automation} placeholder={<Skeleton lines={8} />} errorTitle="The automation could not be loaded">
      {(data) => <Editor id={id} title={`Change ${data.name}`} initial={draftOf(data)} />}
    </QueryView>
  )
}

interface EditorProps {
  id: string | null
  title: string
  initial: AutomationDraft
  /** The event that it was begun from. */
  event?: Event
}

function Editor({ id, title, initial, event }: EditorProps) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [draft, setDraft] = useState(initial)
  const [problem, setProblem] = useState<string | null>(null)
  const save = useMutation({
    mutationFn: () => saveAutomation(id, draft),
    onSuccess: async (saved) => {
      notify(`Saved ${draft.name}`)
      await client.invalidateQueries({ queryKey: ['automations'] })
      await navigate({ to: '/automations/automation/$id', params: { id: saved } })
    },
  })
  const submit = (submitted: FormEvent) => {
    submitted.preventDefault()
    save.mutate()
  }
  return (
    <Page title={title} trail={<Link to="/automations">Automations</Link>}>
      <div className={styles.columns}>
        <form className={styles.form} onSubmit={submit}>
          <Ways draft={draft} onChange={setDraft} problem={problem} onProblem={setProblem} />
          {save.isError && (
            <p role="alert" className={styles.problem}>
              {messageOf(save.error)}
            </p>
          )}
          <p>
            <Button look="primary" type="submit" isBusy={save.isPending} disabled={problem !== null}>
              Save the automation
            </Button>
          </p>
        </form>
        <div className={styles.side}>
          <Summary draft={draft} />
          <PreviewPanel draft={draft} isReadable={problem === null} first={event} />
          <BacktestPanel draft={draft} isReadable={problem === null} />
        </div>
      </div>
    </Page>
  )
}

interface WaysProps {
  draft: AutomationDraft
  onChange: (draft: AutomationDraft) => void
  problem: string | null
  onProblem: (problem: string | null) => void
}

/** Two ways to write the same draft. */
function Ways({ draft, onChange, problem, onProblem }: WaysProps) {
  const [way, setWay] = useState<'form' | 'json'>('form')
  const [text, setText] = useState('')
  const choose = (next: 'form' | 'json') => {
    if (next === 'json') setText(JSON.stringify(draft, null, 2))
    else if (problem !== null) return
    setWay(next)
  }
  const type = (typed: string) => {
    setText(typed)
    const read = readDraft(typed)
    onProblem('problem' in read ? read.problem : null)
    if ('draft' in read) onChange(read.draft)
  }
  return (
    <Tabs
      label="How to write it"
      value={way}
      onChange={choose}
      tabs={[
        { value: 'form', label: 'Form', content: () => <BuilderForm draft={draft} onChange={onChange} /> },
        {
          value: 'json',
          label: 'JSON',
          content: () => (
            <Panel>
              <Field
                label="The automation as JSON"
                hint="All that the server knows can be written here. The form shows the same draft."
                error={problem ?? undefined}
              >
                {(props) => <CodeEditor {...props} language="json" rows={24} value={text} onChange={type} />}
              </Field>
            </Panel>
          ),
        },
      ]}
    />
  )
}

function Summary({ draft }: { draft: AutomationDraft }) {
  const names = useNames([draft])
  return (
    <Panel title="In words">
      <p className={styles.words}>{triggerWords(draft.trigger, names)}</p>
    </Panel>
  )
}
