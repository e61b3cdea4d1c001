// The tree of settings as groups, each setting by the name that it has in the environment.

export interface Setting {
  name: string
  value: string | number | boolean | null
}

export interface SettingGroup {
  title: string
  settings: Setting[]
}

type Tree = Record<string, unknown>

/** The groups in order of their titles; with a name, only settings whose names contain it. */
export function groupsOf(tree: Tree, name?: string): SettingGroup[] {
  const wanted = name?.trim().toUpperCase().replaceAll(/[ .-]/g, '_') ?? ''
  return walk(tree, [])
    .map(({ title, settings }) => ({ title, settings: settings.filter((each) => each.name.includes(wanted)) }))
    .filter(({ settings }) => settings.length > 0)
    .sort((a, b) => a.title.localeCompare(b.title))
}

function walk(tree: Tree, path: readonly string[]): SettingGroup[] {
  const entries = Object.entries(tree)
  const settings = entries.flatMap(([member, value]) =>
    isTree(value)
      ? []
      : [{ name: ['ostinato', ...path, member].join('_').toUpperCase(), value: value as Setting['value'] }],
  )
  const own = settings.length === 0 ? [] : [{ title: titleOf(path), settings }]
  return [...own, ...entries.flatMap(([member, value]) => (isTree(value) ? walk(value, [...path, member]) : []))]
}

function titleOf(path: readonly string[]): string {
  const words = path
    .filter((part) => part !== 'server')
    .join(': ')
    .replaceAll('_', ' ')
  return words === '' ? 'General' : words.charAt(0).toUpperCase() + words.slice(1)
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
