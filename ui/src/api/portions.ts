// Many objects are changed by several requests: one takes at most 50.
const AT_ONCE = 50

/** Do something with some ids at a time, one request after the other; returns how many were changed. */
export async function inPortions(
  ids: readonly string[],
  change: (some: string[]) => Promise<readonly string[]>,
): Promise<number> {
  let changed = 0
  for (let first = 0; first < ids.length; first += AT_ONCE) {
    changed += (await change(ids.slice(first, first + AT_ONCE))).length
  }
  return changed
}
