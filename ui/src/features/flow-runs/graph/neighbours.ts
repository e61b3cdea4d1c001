// From one node of a graph to the next, by arrow keys: along edges to the sides, by place up and down.
import type { Drawing } from './draw'
import type { Placed } from './layout'

export type Direction = 'left' | 'right' | 'up' | 'down'

/** The node to go to; the first where none is chosen, null where there is none in that direction. */
export function neighbour({ layout, boxes, selected }: Drawing, direction: Direction): Placed | null {
  const here = selected === null ? undefined : boxes.get(selected)
  if (here === undefined) return layout.placed[0] ?? null
  if (direction === 'left' || direction === 'right') {
    const linked = layout.edges
      .filter(({ from, to }) => (direction === 'left' ? to === here.id : from === here.id))
      .flatMap(({ from, to }) => boxes.get(direction === 'left' ? from : to) ?? [])
    if (linked.length > 0) return nearest(here, linked)
  }
  return nearest(
    here,
    layout.placed.filter((box) => box.id !== here.id && isTowards(here, box, direction)),
  )
}

function isTowards(here: Placed, there: Placed, direction: Direction): boolean {
  if (direction === 'left') return there.x < here.x
  if (direction === 'right') return there.x > here.x
  const isInColumn = there.x < here.x + here.width && there.x + there.width > here.x
  return isInColumn && (direction === 'up' ? there.y < here.y : there.y > here.y)
}

function nearest(here: Placed, all: Placed[]): Placed | null {
  let best: Placed | null = null
  let least = Infinity
  for (const box of all) {
    const distance = Math.hypot(box.x - here.x, box.y - here.y)
    if (distance < least) [best, least] = [box, distance]
  }
  return best
}
