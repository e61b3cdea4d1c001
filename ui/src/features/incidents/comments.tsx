// What people say of an incident, and room to say more.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { messageOf } from '@/api/errors'
import { addComment, commentsQuery } from '@/api/incidents'
import { Button } from '@/design/button'
import { Field, TextArea } from '@/design/field'
import { Form, Stack } from '@/design/form'
import { Panel } from '@/design/page'
import { Time } from '@/design/time'
import { QueryView } from '@/features/query-view'

import styles from './incidents.module.css'

/** The panel. */
export function Comments({ incidentId }: { incidentId: string }) {
  const client = useQueryClient()
  const comments = useQuery(commentsQuery(incidentId))
  const [text, setText] = useState('')
  const add = useMutation({
    mutationFn: () => addComment(incidentId, text.trim()),
    onSuccess: () => setText(''),
    onSettled: () => client.invalidateQueries({ queryKey: ['incidents'] }),
  })
  return (
    <Panel title="Comments">
      <Stack>
        <QueryView query={comments} errorTitle="The comments could not be loaded">
          {(all) =>
            all.length > 0 && (
              <ol aria-label="Comments">
                {all.map((comment) => (
                  <li key={comment.id} className={styles.comment}>
                    <p className={styles.quiet}>
                      <Time value={comment.created} look="relative" />
                    </p>
                    <p className={styles.text}>{comment.text}</p>
                  </li>
                ))}
              </ol>
            )
          }
        </QueryView>
        <Form onSubmit={add.mutate} problem={add.isError ? messageOf(add.error) : null}>
          <Field label="Add a comment">
            {(props) => (
              <TextArea {...props} required rows={3} value={text} onChange={({ target }) => setText(target.value)} />
            )}
          </Field>
          <p>
            <Button type="submit" isBusy={add.isPending} disabled={text.trim() === ''}>
              Comment
            </Button>
          </p>
        </Form>
      </Stack>
    </Panel>
  )
}
