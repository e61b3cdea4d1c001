// How a block is used from code and from templates.
import type { BlockType } from '@/api/types'

const FENCE = /^```\w*\n|\n?```$/g
/** How examples call the block that is loaded. */
const EXAMPLE_NAME = /\.load\(\s*(["'])[^"']*\1\s*\)/g
/** Imports of the reference client itself; the classes of its types are in Ostinato's SDK under the same names. */
const CORE = /^(from|import) prefect\b/gm
/** Imports of packages that go with the reference client alone. */
const REFERENCE_ONLY = /^(?:from|import) prefect_/m

/** Python that loads a block, by Ostinato's SDK and by the reference's; null where one of them has no part in it. */
export interface LoadSnippets {
  own: string | null
  reference: string | null
}

/** Python that loads the block of a name: the type's own example where it has one. */
export function loadSnippets(type: Pick<BlockType, 'slug' | 'code_example'>, name: string): LoadSnippets {
  const example = type.code_example?.trim().replace(FENCE, '').trim()
  if (!example?.match(EXAMPLE_NAME)) {
    const load = `block = Block.load("${type.slug}/${name}")`
    return {
      own: `from ostinato.blocks.core import Block\n\n${load}`,
      reference: `from prefect.blocks.core import Block\n\n${load}`,
    }
  }
  const named = example.replace(EXAMPLE_NAME, `.load("${name}")`)
  if (REFERENCE_ONLY.test(named)) return { own: null, reference: named }
  const own = named.replace(CORE, '$1 ostinato')
  // What imports from neither is a class of somebody's own: it says itself which SDK it is for.
  return { own, reference: own === named ? null : named }
}

/** What stands for the block in job variables and in the steps that pull code. */
export function templateSnippet(type: Pick<BlockType, 'slug'>, name: string): string {
  return `{{ prefect.blocks.${type.slug}.${name} }}`
}
