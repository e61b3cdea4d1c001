// Asks for the shared password when the server does; with it, everything is asked for again.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'

import { logIn, usePasswordWanted } from '@/api/auth'
import { messageOf } from '@/api/errors'
import { Button } from '@/design/button'
import { Checkbox } from '@/design/checkbox'
import { Field, TextInput } from '@/design/field'
import { Form } from '@/design/form'
import { Dialog } from '@/design/overlays'
import { Row } from '@/design/page'

/** The dialog; it shows itself when it is needed. */
export function LoginDialog() {
  const isWanted = usePasswordWanted()
  return isWanted ? <Asking /> : null
}

function Asking() {
  const client = useQueryClient()
  const form = useId()
  const [typed, setTyped] = useState('')
  const [stays, setStays] = useState(true)
  const login = useMutation({
    mutationFn: () => logIn(typed, stays),
    onSuccess: () => client.invalidateQueries(),
  })
  return (
    <Dialog
      title="Log in"
      description="This server asks for its password."
      isOpen
      actions={
        <Button look="primary" type="submit" form={form} isBusy={login.isPending}>
          Log in
        </Button>
      }
    >
      <Form id={form} onSubmit={login.mutate} problem={login.isError ? messageOf(login.error) : null}>
        <Field label="Password" hint="As the server has it in OSTINATO_SERVER_API_AUTH_STRING: user:password.">
          {(props) => (
            <TextInput
              {...props}
              type="password"
              autoComplete="current-password"
              required
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
        </Field>
        <div>
          <Row>
            <Checkbox label="Stay logged in on this browser" isChecked={stays} onChange={setStays} />
            <span aria-hidden>Stay logged in on this browser</span>
          </Row>
          <p>
            {stays
              ? 'The password is kept in the storage of this browser, for this address, until you log out in the settings.'
              : 'The password is kept for this tab, until it is closed.'}{' '}
            It is never part of an address.
          </p>
        </div>
      </Form>
    </Dialog>
  )
}
