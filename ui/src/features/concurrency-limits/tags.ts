// Limits on task tags are named ones as well, with this before the tag.
const OF_TAG = 'tag:'

/** The tag that a limit is on; null where it is on none. */
export function tagOf({ name }: { name: string }): string | null {
  return name.startsWith(OF_TAG) ? name.slice(OF_TAG.length) : null
}
