// Draws a graph onto a canvas: only what is seen, and no letters that could not be read.
import { kindOf, type StateKind } from '@/design/states'

import type { GraphLayout, Placed } from './layout'
import type { GraphNode } from './model'
import type { Viewport } from './viewport'

/** From this scale on labels are written. */
const READABLE = 0.45
/** From this number of edges on, small ones are straight, which is drawn faster. */
const MANY_EDGES = 3000
const RADIUS = 6
const STRIPE = 5

export interface Drawing {
  layout: GraphLayout
  nodes: ReadonlyMap<string, GraphNode>
  boxes: ReadonlyMap<string, Placed>
  selected: string | null
}

interface View {
  width: number
  height: number
  ratio: number
}

/** States are not told by colour alone. */
const SIGNS: Record<StateKind, string> = {
  completed: '✓',
  running: '▶',
  failed: '✕',
  crashed: '↯',
  cancelled: '⊘',
  scheduled: '◷',
  late: '!',
  pending: '○',
  paused: '‖',
}

/** Draw everything anew. */
export function draw(canvas: HTMLCanvasElement, drawing: Drawing, viewport: Viewport, view: View) {
  const context = canvas.getContext('2d')
  if (context === null) return
  const colors = getComputedStyle(canvas)
  const color = (name: string) => colors.getPropertyValue(name)
  context.setTransform(view.ratio, 0, 0, view.ratio, 0, 0)
  context.clearRect(0, 0, view.width, view.height)
  context.setTransform(
    view.ratio * viewport.scale,
    0,
    0,
    view.ratio * viewport.scale,
    view.ratio * viewport.x,
    view.ratio * viewport.y,
  )
  const seen = seenPart(viewport, view)
  drawContainers(context, drawing, seen, color)
  drawEdges(context, drawing, seen, viewport.scale, color)
  drawNodes(context, drawing, seen, viewport.scale, color, colors.fontFamily)
}

interface Part {
  left: number
  right: number
  top: number
  bottom: number
}
type Color = (name: string) => string

function seenPart({ x, y, scale }: Viewport, { width, height }: View): Part {
  return { left: -x / scale, right: (width - x) / scale, top: -y / scale, bottom: (height - y) / scale }
}

function isSeen(box: Placed, { left, right, top, bottom }: Part): boolean {
  return box.x <= right && box.x + box.width >= left && box.y <= bottom && box.y + box.height >= top
}

function drawContainers(context: CanvasRenderingContext2D, drawing: Drawing, seen: Part, color: Color) {
  for (const box of drawing.layout.placed) {
    if (drawing.nodes.get(box.id)?.inner == null || !isSeen(box, seen)) continue
    context.beginPath()
    context.roundRect(box.x, box.y, box.width, box.height, RADIUS)
    context.fillStyle = color(box.depth % 2 === 0 ? '--raised' : '--surface')
    context.fill()
  }
}

function drawEdges(context: CanvasRenderingContext2D, drawing: Drawing, seen: Part, scale: number, color: Color) {
  const { edges } = drawing.layout
  const isStraight = edges.length > MANY_EDGES && scale < READABLE
  context.strokeStyle = color('--line-strong')
  context.lineWidth = Math.max(1, 0.6 / scale)
  for (const isWithin of [false, true]) {
    context.setLineDash(isWithin ? [5, 4] : [])
    context.globalAlpha = edges.length > MANY_EDGES ? 0.35 : 0.8
    context.beginPath()
    for (const edge of edges) {
      const [from, to] = [drawing.boxes.get(edge.from), drawing.boxes.get(edge.to)]
      if (edge.isWithin === isWithin && from !== undefined && to !== undefined) {
        const begin = { x: from.x + from.width, y: from.y + Math.min(from.height, 34) / 2 }
        const end = { x: to.x, y: to.y + Math.min(to.height, 34) / 2 }
        if (begin.x > seen.right || end.x < seen.left) continue
        if (Math.max(begin.y, end.y) < seen.top || Math.min(begin.y, end.y) > seen.bottom) continue
        const bend = Math.max(20, (end.x - begin.x) / 2)
        context.moveTo(begin.x, begin.y)
        if (isStraight) context.lineTo(end.x, end.y)
        else context.bezierCurveTo(begin.x + bend, begin.y, end.x - bend, end.y, end.x, end.y)
      }
    }
    context.stroke()
  }
  context.globalAlpha = 1
  context.setLineDash([])
}

function drawNodes(
  context: CanvasRenderingContext2D,
  drawing: Drawing,
  seen: Part,
  scale: number,
  color: Color,
  font: string,
) {
  const solids = new Map<StateKind, string>()
  const solid = (kind: StateKind) => {
    const known = solids.get(kind) ?? color(`--${kind}-solid`)
    solids.set(kind, known)
    return known
  }
  const [surface, line, text, muted, accent] = ['--surface', '--line-strong', '--text', '--muted', '--accent'].map(
    color,
  )
  context.font = `13px ${font}`
  context.textBaseline = 'middle'
  for (const box of drawing.layout.placed) {
    const node = drawing.nodes.get(box.id)
    if (node === undefined || !isSeen(box, seen)) continue
    const kind = kindOf(node.state)
    const isSelected = box.id === drawing.selected
    if (scale < READABLE && node.inner === null) {
      context.fillStyle = solid(kind)
      context.fillRect(box.x, box.y, box.width, box.height)
    } else {
      drawCard(context, box, node, { surface, line, solid: solid(kind) } as CardColors)
      if (scale >= READABLE) drawLabel(context, box, node, { text, muted, sign: color(`--${kind}`) } as LabelColors)
    }
    if (!isSelected) continue
    context.strokeStyle = accent ?? ''
    context.lineWidth = Math.max(3, 2.5 / scale)
    context.beginPath()
    context.roundRect(box.x - 3, box.y - 3, box.width + 6, box.height + 6, RADIUS + 2)
    context.stroke()
  }
}

interface CardColors {
  surface: string
  line: string
  solid: string
}
interface LabelColors {
  text: string
  muted: string
  sign: string
}

function drawCard(context: CanvasRenderingContext2D, box: Placed, node: GraphNode, colors: CardColors) {
  context.beginPath()
  context.roundRect(box.x, box.y, box.width, box.height, RADIUS)
  if (node.inner === null) {
    context.fillStyle = colors.surface
    context.fill()
  }
  context.strokeStyle = colors.line
  context.lineWidth = 1
  context.stroke()
  context.beginPath()
  context.roundRect(box.x, box.y, STRIPE, box.height, [RADIUS, 0, 0, RADIUS])
  context.fillStyle = colors.solid
  context.fill()
}

function drawLabel(context: CanvasRenderingContext2D, box: Placed, node: GraphNode, colors: LabelColors) {
  const y = box.y + 17.5
  let right = box.x + box.width - 9
  if (node.artifacts.length > 0) {
    context.fillStyle = colors.muted
    context.fillText('◆', right - 10, y)
    right -= 18
  }
  if (node.kind === 'flow-run') {
    context.fillStyle = colors.muted
    context.fillText(node.inner === null ? '▸' : '▾', right - 10, y)
    right -= 16
  }
  const left = box.x + STRIPE + 7
  context.fillStyle = colors.sign
  context.fillText(SIGNS[kindOf(node.state)], left, y)
  context.fillStyle = colors.text
  context.fillText(shortened(context, node.label, right - left - 18), left + 17, y)
}

const lengths = new WeakMap<CanvasRenderingContext2D, number>()

/** Cut a text to a width, by the width of a usual letter. */
function shortened(context: CanvasRenderingContext2D, text: string, width: number): string {
  const letter = lengths.get(context) ?? context.measureText('abcdefghij-0').width / 12
  lengths.set(context, letter)
  const most = Math.floor(width / letter)
  return text.length <= most ? text : `${text.slice(0, Math.max(1, most - 1))}…`
}
