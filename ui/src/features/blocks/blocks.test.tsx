// The pages of blocks: secrets never come back to the server unless they were typed anew.
import { screen, within } from '@testing-library/react'
import { beforeEach, describe, expect, it } from 'vitest'

import { aBlock, aBlockType } from '@/test/objects'
import { showPage } from '@/test/render'
import { answer } from '@/test/server'

import { loadSnippets } from './snippets'

const BLOCK = aBlock()
const PROXY = aBlock({ id: '01a20505-0000-7000-8000-0000000000bb', name: 'office' })

beforeEach(() => {
  answer('post', '/block_documents/filter', [BLOCK])
  answer('post', '/block_documents/count', 1)
  answer('get', '/admin/storage', { default_result_storage_block_id: null })
  answer('post', '/block_types/filter', [aBlockType()])
  answer('get', '/block_capabilities/', ['notify', 'write-path'])
  answer('get', '/block_documents/:id', BLOCK)
})

describe('the list', () => {
  it('shows blocks with their type and what they can do', async () => {
    await showPage('/blocks')
    const row = (await screen.findByRole('link', { name: 'crm' })).closest('tr') as HTMLElement
    expect(within(row).getByText('CRM')).toBeInTheDocument()
    expect(within(row).getByText('notify')).toBeInTheDocument()
    expect(document.title).toBe('Blocks · Ostinato')
  })

  it('keeps its filters in the address, and asks the server by them', async () => {
    const asked = answer('post', '/block_documents/filter', [BLOCK])
    const { router, user } = await showPage('/blocks')
    await screen.findByRole('option', { name: 'write-path' })
    await user.selectOptions(screen.getByRole('combobox', { name: 'Capability' }), 'write-path')
    await user.selectOptions(screen.getByRole('combobox', { name: 'Type' }), 'CRM')
    expect(router.state.location.search).toMatchObject({ capability: 'write-path', type: 'crm' })
    await expect
      .poll(() => asked.at(-1))
      .toMatchObject({
        block_types: { slug: { any_: ['crm'] } },
        block_schemas: { block_capabilities: { all_: ['write-path'] } },
      })
  })

  it('teaches where there is none, and asks again after an error', async () => {
    answer('post', '/block_documents/filter', { detail: 'The database is away.' }, 503)
    const { user } = await showPage('/blocks')
    expect(await screen.findByText('The database is away.')).toBeInTheDocument()
    answer('post', '/block_documents/filter', [])
    answer('post', '/block_documents/count', 0)
    await user.click(screen.getByRole('button', { name: 'Try again' }))
    expect(await screen.findByText(/Secret\.load/)).toBeInTheDocument()
  })
})

it('leads from the catalogue to a form, and makes a block of what was typed and chosen', async () => {
  answer('get', '/block_types/slug/crm', aBlockType())
  answer('post', '/block_schemas/filter', [BLOCK.block_schema])
  answer('post', '/block_documents/filter', [PROXY])
  const made = answer('post', '/block_documents/', BLOCK, 201)
  const { router, user } = await showPage('/blocks/catalogue')
  await user.click(await screen.findByRole('link', { name: 'CRM' }))
  await user.click(await screen.findByRole('button', { name: 'Create the block' }))
  expect(screen.getAllByText('A value is needed.')).toHaveLength(2)
  await user.type(screen.getByLabelText(/Name of the block/), 'crm')
  await user.type(screen.getByLabelText('Url (required)'), 'https://crm.test')
  await user.type(screen.getByLabelText('Token (required)'), 'hidden')
  await screen.findByRole('option', { name: 'office' })
  await user.selectOptions(screen.getByRole('combobox', { name: 'Proxy' }), 'office')
  await user.click(screen.getByRole('button', { name: 'Create the block' }))
  await expect.poll(() => router.state.location.pathname).toBe(`/blocks/block/${BLOCK.id}`)
  expect(made).toEqual([
    {
      name: 'crm',
      block_schema_id: BLOCK.block_schema_id,
      block_type_id: BLOCK.block_type_id,
      data: { url: 'https://crm.test', token: 'hidden', proxy: { $ref: { block_document_id: PROXY.id } } },
    },
  ])
})

describe('a change', () => {
  it('sends only what was changed, and no secret that was not', async () => {
    const changed = answer('patch', '/block_documents/:id', null)
    const { router, user } = await showPage(`/blocks/edit/${BLOCK.id}`)
    expect(await screen.findByLabelText('Token (required)')).toHaveValue('')
    await user.clear(screen.getByLabelText('Url (required)'))
    await user.type(screen.getByLabelText('Url (required)'), 'https://new.test')
    await user.click(screen.getByRole('button', { name: 'Save' }))
    await expect.poll(() => router.state.location.pathname).toBe(`/blocks/block/${BLOCK.id}`)
    expect(changed).toEqual([{ data: { url: 'https://new.test' }, merge_existing_data: true }])
  })

  it('names the nested blocks again, which the server would take out otherwise', async () => {
    const references = { proxy: { block_document: { id: PROXY.id, name: 'office' } } }
    answer('get', '/block_documents/:id', aBlock({ block_document_references: references }))
    answer('post', '/block_documents/filter', [PROXY])
    const changed = answer('patch', '/block_documents/:id', null)
    const { user } = await showPage(`/blocks/edit/${BLOCK.id}`)
    await user.type(await screen.findByLabelText('Token (required)'), 'new')
    await user.click(screen.getByRole('button', { name: 'Save' }))
    await expect
      .poll(() => changed)
      .toEqual([
        { data: { token: 'new', proxy: { $ref: { block_document_id: PROXY.id } } }, merge_existing_data: true },
      ])
  })
})

describe('one block', () => {
  it('shows no secret, links to nested blocks, and says how to load it', async () => {
    const references = { proxy: { block_document: { id: PROXY.id, name: 'office' } } }
    answer('get', '/block_documents/:id', aBlock({ block_document_references: references }))
    await showPage(`/blocks/block/${BLOCK.id}`)
    expect(await screen.findByText('https://crm.test')).toBeInTheDocument()
    expect(screen.getByText(/\(secret\)/)).toBeInTheDocument()
    expect(screen.getByRole('link', { name: 'office' })).toHaveAttribute('href', `/blocks/block/${PROXY.id}`)
    const own = screen.getByRole('region', { name: 'Python that loads the block' })
    expect(own).toHaveTextContent('from ostinato.blocks.core import Block block = Block.load("crm/crm")')
    const reference = screen.getByRole('region', { name: 'Python that loads the block by the prefect client' })
    expect(reference).toHaveTextContent('from prefect.blocks.core import Block')
    expect(own.compareDocumentPosition(reference)).toBe(Node.DOCUMENT_POSITION_FOLLOWING)
    expect(document.title).toBe('crm · Ostinato')
  })

  it('that notifies can be tried out, and what the receiver says is told', async () => {
    const result = { subject: 'A test', body: 'A test', delivered: true, reason: null, details: {} }
    const asked = answer('post', '/automations/actions/test', result)
    const { user } = await showPage(`/blocks/block/${BLOCK.id}`)
    await user.click(await screen.findByRole('button', { name: 'Send a test' }))
    expect(await screen.findByText('crm has delivered the test')).toBeInTheDocument()
    expect(asked).toMatchObject([{ action: { type: 'send-notification', block_document_id: BLOCK.id } }])
    answer('post', '/automations/actions/test', { ...result, delivered: false, reason: 'The receiver answered 404.' })
    await user.click(screen.getByRole('button', { name: 'Send a test' }))
    expect(await screen.findByText('The test was not delivered')).toBeInTheDocument()
    expect(screen.getByText('The receiver answered 404.')).toBeInTheDocument()
  })

  it('that cannot notify has nothing to try out', async () => {
    const schema = { ...BLOCK.block_schema, capabilities: [] } as typeof BLOCK.block_schema
    answer('get', '/block_documents/:id', aBlock({ block_schema: schema }))
    await showPage(`/blocks/block/${BLOCK.id}`)
    await screen.findByRole('button', { name: 'Delete' })
    expect(screen.queryByRole('button', { name: 'Send a test' })).not.toBeInTheDocument()
  })

  it('is deleted only after a question', async () => {
    const deleted = answer('delete', '/block_documents/:id', null)
    const { router, user } = await showPage(`/blocks/block/${BLOCK.id}`)
    await user.click(await screen.findByRole('button', { name: 'Delete' }))
    expect(deleted).toEqual([])
    await user.click(screen.getByRole('button', { name: 'Delete the block' }))
    await expect.poll(() => router.state.location.pathname).toBe('/blocks')
    expect(deleted).toHaveLength(1)
  })
})

it('sets where results are stored by default', async () => {
  answer('post', '/block_documents/filter', [aBlock()])
  answer('post', '/block_documents/count', 1)
  answer('post', '/block_types/filter', [aBlockType()])
  answer('get', '/block_capabilities/', [])
  answer('get', '/admin/storage', { default_result_storage_block_id: aBlock().id })
  const cleared = answer('delete', '/admin/storage', null)
  const { user } = await showPage('/blocks')
  const field = await screen.findByRole('combobox', { name: 'Block' })
  expect(field).toHaveValue(aBlock().id)
  await user.selectOptions(field, '')
  await expect.poll(() => cleared).toHaveLength(1)
})

describe('loadSnippets', () => {
  const of = (lines: string) => loadSnippets({ slug: 'x', code_example: `\`\`\`python\n${lines}\n\`\`\`` }, 'mine')

  it('names the classes that come with both SDKs by both', () => {
    expect(of('from prefect.filesystems import SMB\n\nblock = SMB.load("my-block")')).toEqual({
      own: 'from ostinato.filesystems import SMB\n\nblock = SMB.load("mine")',
      reference: 'from prefect.filesystems import SMB\n\nblock = SMB.load("mine")',
    })
  })

  it('promises nothing of packages that go with the reference alone', () => {
    expect(of('from prefect_aws import S3Bucket\n\nblock = S3Bucket.load("my-block")')).toEqual({
      own: null,
      reference: 'from prefect_aws import S3Bucket\n\nblock = S3Bucket.load("mine")',
    })
  })

  it('leaves the classes of others as they are', () => {
    expect(of('from crm import Crm\n\nblock = Crm.load("BLOCK_NAME")')).toEqual({
      own: 'from crm import Crm\n\nblock = Crm.load("mine")',
      reference: null,
    })
  })
})
