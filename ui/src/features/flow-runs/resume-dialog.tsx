// The form that a paused run waits for.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'

import { messageOf } from '@/api/errors'
import { resumeFlowRun, runInputDescriptionQuery, runInputSchemaQuery } from '@/api/flow-runs'
import type { FlowRun } from '@/api/types'
import { Button } from '@/design/button'
import { Markdown } from '@/design/markdown'
import { Dialog } from '@/design/overlays'
import { Skeleton } from '@/design/skeleton'
import { notify } from '@/design/toast'
import { QueryView } from '@/features/query-view'
import { initialValues, readValues, SchemaForm, type SchemaValues } from '@/features/schema-form/public'

import styles from './dialogs.module.css'

interface ResumeDialogProps {
  run: FlowRun
  onClose: () => void
}

/** The dialog. */
export function ResumeDialog({ run, onClose }: ResumeDialogProps) {
  const keys = run.state?.state_details.run_input_keyset
  const schema = useQuery(runInputSchemaQuery(run.id, keys?.schema ?? ''))
  const description = useQuery(runInputDescriptionQuery(run.id, keys?.description))
  return (
    <Dialog title={`Resume ${run.name}`} isOpen onOpenChange={onClose}>
      {description.data !== undefined && (
        <div className={styles.asked}>
          <Markdown text={description.data} />
        </div>
      )}
      <QueryView
        query={schema}
        placeholder={<Skeleton lines={3} height="2rem" />}
        errorTitle="What the run asks for could not be loaded"
      >
        {(found) => <ResumeForm run={run} schema={found} onClose={onClose} />}
      </QueryView>
    </Dialog>
  )
}

function ResumeForm({ run, schema, onClose }: ResumeDialogProps & { schema: Record<string, unknown> }) {
  const client = useQueryClient()
  const [values, setValues] = useState<SchemaValues>(() => initialValues(schema, {}))
  const [problems, setProblems] = useState<Record<string, string>>({})
  const resume = useMutation({
    mutationFn: (input: Record<string, unknown>) => resumeFlowRun(run.id, input),
    onSettled: () => client.invalidateQueries({ queryKey: ['flow-runs'] }),
    onSuccess: () => {
      notify(`${run.name} goes on`)
      onClose()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const read = readValues(schema, values)
    setProblems(read.problems)
    if (Object.keys(read.problems).length === 0) resume.mutate(read.values)
  }
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <SchemaForm schema={schema} values={values} problems={problems} onChange={setValues} />
      {resume.isError && (
        <p role="alert" className={styles.problem}>
          {messageOf(resume.error)}
        </p>
      )}
      <Button look="primary" type="submit" isBusy={resume.isPending}>
        Resume
      </Button>
    </form>
  )
}
