// Which part of a drawing is seen, and how large: arithmetic only.

/** A point of the drawing at (px, py) is seen at (px * scale + x, py * scale + y). */
export interface Viewport {
  x: number
  y: number
  scale: number
}

interface Size {
  width: number
  height: number
}

const SCALES = { least: 0.02, most: 2 }
const MARGIN = 24

/** Show all of a drawing, not larger than it is. */
export function fit(drawing: Size, view: Size): Viewport {
  const wanted = Math.min(
    (view.width - 2 * MARGIN) / Math.max(drawing.width, 1),
    (view.height - 2 * MARGIN) / Math.max(drawing.height, 1),
    1,
  )
  const scale = Math.max(SCALES.least, wanted)
  return { x: (view.width - drawing.width * scale) / 2, y: (view.height - drawing.height * scale) / 2, scale }
}

/** Enlarge by a factor; the point that is seen at (x, y) stays there. */
export function zoom(viewport: Viewport, factor: number, x: number, y: number): Viewport {
  const scale = Math.min(SCALES.most, Math.max(SCALES.least, viewport.scale * factor))
  const real = scale / viewport.scale
  return { x: x - (x - viewport.x) * real, y: y - (y - viewport.y) * real, scale }
}

/** Move what is seen. */
export function pan(viewport: Viewport, dx: number, dy: number): Viewport {
  return { ...viewport, x: viewport.x + dx, y: viewport.y + dy }
}

/** Move as little as is needed to see a box of the drawing. */
export function reveal(viewport: Viewport, box: Size & { x: number; y: number }, view: Size): Viewport {
  const { x, y, scale } = viewport
  const shift = (from: number, size: number, room: number) => {
    if (from < MARGIN) return MARGIN - from
    if (from + size > room - MARGIN) return Math.max(room - MARGIN - from - size, MARGIN - from)
    return 0
  }
  return pan(
    viewport,
    shift(box.x * scale + x, box.width * scale, view.width),
    shift(box.y * scale + y, box.height * scale, view.height),
  )
}

/** Where a point that is seen lies in the drawing. */
export function pointAt({ x, y, scale }: Viewport, seenX: number, seenY: number): { x: number; y: number } {
  return { x: (seenX - x) / scale, y: (seenY - y) / scale }
}
