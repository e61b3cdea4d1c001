// Trying out a block that notifies, before an automation depends on it.
import { useMutation } from '@tanstack/react-query'
import { Send } from 'lucide-react'

import { testNotification } from '@/api/automations'
import { messageOf } from '@/api/errors'
import type { BlockDocument } from '@/api/types'
import { Button } from '@/design/button'
import { Dialog } from '@/design/overlays'
import { notify } from '@/design/toast'

import styles from './blocks.module.css'

const SUBJECT = 'A test by Ostinato'
const BODY = 'Somebody tried out whether notifications arrive here. There is nothing to do.'

/** Whether something can be sent through the block. */
export function canBeTested(block: BlockDocument): boolean {
  return block.block_schema?.capabilities.includes('notify') ?? false
}

/** The button, and why the test did not arrive where it did not. */
export function TestButton({ block, name }: { block: BlockDocument; name: string }) {
  const test = useMutation({
    mutationFn: () => testNotification(block.id, SUBJECT, BODY),
    onSuccess: ({ delivered }) => {
      if (delivered) notify(`${name} has delivered the test`)
    },
  })
  const reason = test.isError
    ? messageOf(test.error)
    : test.isSuccess && !test.data.delivered
      ? (test.data.reason ?? 'The receiver does not say why.')
      : null
  return (
    <>
      <Button icon={<Send size={15} aria-hidden />} isBusy={test.isPending} onClick={() => test.mutate()}>
        Send a test
      </Button>
      <Dialog title="The test was not delivered" isOpen={reason !== null} onOpenChange={() => test.reset()}>
        <p className={styles.problem}>{reason}</p>
      </Dialog>
    </>
  )
}
