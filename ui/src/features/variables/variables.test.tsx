import { screen, within } from '@testing-library/react'
import { expect, it } from 'vitest'

import { showPage } from '@/test/render'
import { answer } from '@/test/server'

const VARIABLE = { id: '01a20505-0000-7000-8000-0000000000d1', name: 'region', value: { zone: 'a' }, tags: ['prod'] }

function answerList() {
  answer('post', '/variables/count', 1)
  return answer('post', '/variables/filter', [VARIABLE])
}

it('says what is wrong with a value that is to be JSON, and saves it as what it means', async () => {
  answerList()
  const saved = answer('post', '/variables/', VARIABLE, 201)
  const { user } = await showPage('/variables')
  await user.click(await screen.findByRole('button', { name: 'New variable' }))
  const dialog = within(await screen.findByRole('dialog'))
  await user.type(dialog.getByLabelText('Name'), 'zones')
  await user.selectOptions(dialog.getByLabelText('Kind of value'), 'json')
  await user.type(dialog.getByLabelText('Value'), '[[1, 2')
  await user.click(dialog.getByRole('button', { name: 'Save' }))
  expect(dialog.getByLabelText('Value')).toHaveAccessibleDescription(/This is not JSON/)
  expect(saved).toEqual([])
  await user.type(dialog.getByLabelText('Value'), ']')
  await user.click(dialog.getByRole('button', { name: 'Save' }))
  await expect.poll(() => saved).toEqual([{ name: 'zones', value: [1, 2], tags: [] }])
})

it('keeps a text a text, also where it looks like a number', async () => {
  answerList()
  const saved = answer('post', '/variables/', VARIABLE, 201)
  const { user } = await showPage('/variables')
  await user.click(await screen.findByRole('button', { name: 'New variable' }))
  const dialog = within(await screen.findByRole('dialog'))
  await user.type(dialog.getByLabelText('Name'), 'code')
  await user.type(dialog.getByLabelText('Value'), '007')
  await user.click(dialog.getByRole('button', { name: 'Save' }))
  await expect.poll(() => saved).toEqual([{ name: 'code', value: '007', tags: [] }])
})

it('is found by its tags, which stand in the address', async () => {
  const asked = answerList()
  const { user, router } = await showPage('/variables')
  await user.type(await screen.findByLabelText(/^Tags/), 'prod, eu')
  await expect.poll(() => router.state.location.search).toMatchObject({ tags: ['prod', 'eu'] })
  await expect.poll(() => asked.at(-1)).toMatchObject({ variables: { tags: { all_: ['prod', 'eu'] } } })
})
