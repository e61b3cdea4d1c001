// The pages of artifacts.
import { screen, within } from '@testing-library/react'
import { beforeEach, describe, expect, it } from 'vitest'

import { aFlowRun, anArtifact } from '@/test/objects'
import { showPage } from '@/test/render'
import { answer } from '@/test/server'

import { readTable } from './table'

const ARTIFACT = anArtifact({ flow_run_id: aFlowRun().id })
const LATEST = { ...ARTIFACT, latest_id: ARTIFACT.id }
const ADDRESS = `/artifacts/artifact/${ARTIFACT.id}`

beforeEach(() => {
  answer('post', '/artifacts/latest/filter', [LATEST])
  answer('post', '/artifacts/latest/count', 1)
  answer('post', '/artifacts/filter', [ARTIFACT])
  answer('post', '/artifacts/count', 1)
  answer('post', '/flow_runs/filter', [aFlowRun()])
})

describe('the list', () => {
  it('shows the latest of each key, with its run', async () => {
    await showPage('/artifacts')
    const row = (await screen.findByRole('link', { name: 'report' })).closest('tr') as HTMLElement
    expect(within(row).getByText('What was sold')).toBeInTheDocument()
    expect(await within(row).findByRole('link', { name: 'ivory-fox' })).toBeInTheDocument()
    expect(document.title).toBe('Artifacts · Ostinato')
  })

  it('keeps its filters in the address, and asks the server by them', async () => {
    const asked = answer('post', '/artifacts/latest/filter', [LATEST])
    const { router, user } = await showPage('/artifacts')
    await user.selectOptions(await screen.findByRole('combobox', { name: 'Type' }), 'table')
    expect(router.state.location.search).toMatchObject({ type: 'table' })
    await expect.poll(() => asked.at(-1)).toMatchObject({ artifacts: { type: { any_: ['table'] } } })
  })

  it('keeps in the address that it is a grid, whose cards show the beginning of what they hold', async () => {
    const kept = [
      { ...LATEST, data: `# Sales\n\n[Shop](javascript:bad)\n\n${'more '.repeat(10_000)}` },
      { ...LATEST, id: 'b', key: 'table', type: 'table', data: Array.from({ length: 500 }, (_, row) => ({ row })) },
      { ...LATEST, id: 'c', key: 'loading', type: 'progress', data: 40 },
      { ...LATEST, id: 'd', key: 'plot', type: 'image', data: 'https://example.com/plot.png' },
      { ...LATEST, id: 'e', key: 'odd', type: 'own', data: { a: 1 } },
    ]
    answer('post', '/artifacts/latest/filter', kept)
    const { router, user } = await showPage('/artifacts')
    await user.click(await screen.findByRole('button', { name: 'Grid' }))
    expect(router.state.location.search).toMatchObject({ view: 'grid' })
    const cards = within(await screen.findByRole('list', { name: 'Artifacts' })).getAllByRole('listitem')
    expect(await within(cards[0] as HTMLElement).findByText('Sales')).toBeInTheDocument()
    expect(cards[0]?.textContent.length).toBeLessThan(2000)
    expect(cards[0]?.querySelector('[href^="javascript"]')).toBeNull()
    expect(within(cards[1] as HTMLElement).getByText('500 rows, 1 column')).toBeInTheDocument()
    expect(cards[1]?.querySelectorAll('tbody tr')).toHaveLength(5)
    expect(cards[2]).toHaveTextContent('40 %')
    expect(cards[3]?.querySelector('img')).toHaveAttribute('src', 'https://example.com/plot.png')
    expect(cards[4]).toHaveTextContent('"a": 1')
  })

  it('teaches where there is none, and asks again after an error', async () => {
    answer('post', '/artifacts/latest/filter', { detail: 'The database is away.' }, 503)
    const { user } = await showPage('/artifacts')
    expect(await screen.findByText('The database is away.')).toBeInTheDocument()
    answer('post', '/artifacts/latest/filter', [])
    answer('post', '/artifacts/latest/count', 0)
    await user.click(screen.getByRole('button', { name: 'Try again' }))
    expect(await screen.findByText(/from ostinato.artifacts import/)).toBeInTheDocument()
  })
})

describe('one artifact', () => {
  it('shows Markdown, in which nothing runs', async () => {
    const data =
      '# Sales\n\n<script>window.bad = 1</script><img src=x onerror="window.bad = 1">\n\n[go](javascript:bad) **fine**'
    answer('get', '/artifacts/:id', { ...ARTIFACT, data })
    await showPage(ADDRESS)
    expect(await screen.findByRole('heading', { name: 'Sales' })).toBeInTheDocument()
    expect(screen.getByText('fine').tagName).toBe('STRONG')
    const main = screen.getByRole('main')
    expect(main.querySelector('script, img, [onerror], [href^="javascript"]')).toBeNull()
    expect('bad' in window).toBe(false)
    expect(document.title).toBe('report · Ostinato')
  })

  it('draws of a long table only what is in sight', async () => {
    const data = JSON.stringify(Array.from({ length: 20_000 }, (_, row) => ({ row, region: `eu-${row}` })))
    answer('get', '/artifacts/:id', { ...ARTIFACT, type: 'table', data })
    await showPage(ADDRESS)
    const table = await screen.findByRole('table')
    expect(table).toHaveAttribute('aria-rowcount', '20001')
    expect(within(table).getByText('eu-3')).toBeInTheDocument()
    expect(within(table).getAllByRole('row').length).toBeLessThan(100)
  })

  it('shows progress', async () => {
    answer('get', '/artifacts/:id', { ...ARTIFACT, type: 'progress', data: 70 })
    await showPage(ADDRESS)
    expect(await screen.findByRole('meter', { name: 'report' })).toHaveAttribute('aria-valuenow', '70')
  })

  it('shows an image only from where nothing runs', async () => {
    answer('get', '/artifacts/:id', { ...ARTIFACT, type: 'image', data: 'javascript:bad' })
    await showPage(ADDRESS)
    expect(await screen.findByText('javascript:bad')).toBeInTheDocument()
    expect(screen.queryByRole('img')).not.toBeInTheDocument()
  })

  it('shows what was sent as it was sent, and keeps in the address that it does', async () => {
    answer('get', '/artifacts/:id', { ...ARTIFACT, type: 'table', data: [{ region: 'eu' }] })
    const { router, user } = await showPage(ADDRESS)
    await user.click(await screen.findByRole('tab', { name: 'Raw' }))
    const raw = await screen.findByRole('textbox', { name: 'The data as it was sent' })
    expect(raw).toHaveValue('[\n  {\n    "region": "eu"\n  }\n]')
    expect(raw).toHaveAttribute('readonly')
    expect(router.state.location.search).toEqual({ tab: 'raw' })
  })

  it('tells its details, and how code reads it', async () => {
    answer('get', '/artifacts/:id', ARTIFACT)
    await showPage(`${ADDRESS}?tab=details`)
    expect(await screen.findByText(ARTIFACT.id)).toBeInTheDocument()
    expect(screen.getByText(/Artifact.get\("report"\)/)).toBeInTheDocument()
  })

  it('pages through many versions on the server', async () => {
    answer('get', '/artifacts/:id', ARTIFACT)
    answer('post', '/artifacts/count', 60)
    const asked = answer('post', '/artifacts/filter', [ARTIFACT])
    const { router, user } = await showPage(ADDRESS)
    await user.click(await screen.findByRole('button', { name: 'The next page' }))
    expect(router.state.location.search).toEqual({ page: 2 })
    await expect.poll(() => asked.at(-1)).toMatchObject({ limit: 25, offset: 25, sort: 'CREATED_DESC' })
  })

  it('leads to the other versions of its key and to its run', async () => {
    const older = anArtifact({
      id: '01a20505-0000-7000-8000-0000000000c0',
      created: '2026-11-21T10:00:00Z',
      data: '# Older',
    })
    answer('post', '/artifacts/filter', [ARTIFACT, older])
    answer('get', '/artifacts/:id', ARTIFACT)
    const { router, user } = await showPage(ADDRESS)
    await user.click(await screen.findByRole('tab', { name: 'Details' }))
    expect(await screen.findByRole('link', { name: 'ivory-fox' })).toBeInTheDocument()
    await user.click(screen.getByRole('tab', { name: 'Content' }))
    const versions = within(await screen.findByRole('list', { name: 'Versions of report' })).getAllByRole('link')
    expect(versions[0]).toHaveAttribute('aria-current', 'page')
    answer('get', '/artifacts/:id', older)
    await user.click(versions[1] as HTMLElement)
    expect(await screen.findByRole('heading', { name: 'Older' })).toBeInTheDocument()
    expect(router.state.location.pathname).toContain(older.id)
  })
})

describe('readTable', () => {
  it.each([
    ['rows', [{ a: 1 }, { b: 2 }], ['a', 'b'], 2],
    ['rows as text', '[{"a": 1}]', ['a'], 1],
    ['columns', { a: [1, 2], b: [3] }, ['a', 'b'], 2],
    ['lists', [[1, 2]], ['0', '1'], 1],
  ])('reads %s', (_, data, columns, count) => {
    const table = readTable(data)
    expect(table?.columns).toEqual(columns)
    expect(table?.rows).toHaveLength(count)
  })

  it('takes no text for a table', () => expect(readTable('hello')).toBeUndefined())
})
