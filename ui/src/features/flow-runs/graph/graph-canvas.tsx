// The canvas of a graph: drawn when something has changed, moved by pointer and keys. It says what is chosen.
import { type KeyboardEvent, type PointerEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react'

import type { Placed } from './layout'
import { draw, type Drawing } from './draw'
import styles from './graph.module.css'
import { type Direction, neighbour } from './neighbours'
import { fit, pan, pointAt, reveal, type Viewport, zoom } from './viewport'

const STEP = 1.25
const CLICK = 4
const ARROWS: Partial<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}

export interface GraphControls {
  zoomIn: () => void
  zoomOut: () => void
  fit: () => void
}

interface GraphCanvasProps {
  drawing: Drawing
  /** What is read out: how many there are, and what is chosen. */
  label: string
  onSelect: (id: string | null) => void
  /** Opens the page of what is chosen. */
  onOpen: (id: string) => void
  /** Opens and closes a sub-flow in the graph. */
  onToggle: (id: string) => void
  children: (controls: GraphControls) => React.ReactNode
}

/** The canvas, with what lies over it. */
export function GraphCanvas({ drawing, label, onSelect, onOpen, onToggle, children }: GraphCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const box = useRef<HTMLDivElement>(null)
  const view = useSize(box)
  const [moved, setMoved] = useState<Viewport | null>(null)
  const viewport = moved ?? fit(drawing.layout, view)
  useRedraw(canvas, drawing, viewport, view)
  const change = useCallback((next: (before: Viewport) => Viewport) => setMoved(next(viewport)), [viewport])
  const drag = useDrag(change, (x, y) => onSelect(nodeAt(drawing, pointAt(viewport, x, y))?.id ?? null))
  useWheel(box, change)
  const controls = useMemo(
    () => ({
      zoomIn: () => change((before) => zoom(before, STEP, view.width / 2, view.height / 2)),
      zoomOut: () => change((before) => zoom(before, 1 / STEP, view.width / 2, view.height / 2)),
      fit: () => setMoved(null),
    }),
    [change, view],
  )
  const select = (node: Placed | null) => {
    if (node === null) return
    onSelect(node.id)
    change((before) => reveal(before, node, view))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const { selected } = drawing
    const direction = ARROWS[event.key]
    if (direction !== undefined) select(neighbour(drawing, direction))
    else if (event.key === '+' || event.key === '=') controls.zoomIn()
    else if (event.key === '-') controls.zoomOut()
    else if (event.key === '0') controls.fit()
    else if (event.key === 'Escape') onSelect(null)
    else if (event.key === 'Enter' && selected !== null) onOpen(selected)
    else if (event.key === ' ' && selected !== null) onToggle(selected)
    else return
    event.preventDefault()
  }
  return (
    <div className={styles.frame}>
      <div
        ref={box}
        className={styles.box}
        role="application"
        tabIndex={0}
        aria-label={label}
        aria-describedby="graph-keys"
        onKeyDown={onKeyDown}
        {...drag}
      >
        <canvas ref={canvas} className={styles.canvas} aria-hidden />
      </div>
      <p id="graph-keys" className="visually-hidden">
        Arrows go from run to run, Enter opens one, Space opens a sub-flow in the graph, plus and minus change the size,
        0 shows all.
      </p>
      {children(controls)}
    </div>
  )
}

function nodeAt({ layout }: Drawing, { x, y }: { x: number; y: number }): Placed | undefined {
  // What is inside comes behind what is around it.
  return layout.placed.findLast((box) => x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height)
}

function useSize(box: React.RefObject<HTMLElement | null>) {
  const [size, setSize] = useState({ width: 800, height: 420 })
  useEffect(() => {
    const element = box.current
    if (element === null) return
    const measure = () => setSize({ width: element.clientWidth, height: element.clientHeight })
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [box])
  return size
}

function useRedraw(
  canvas: React.RefObject<HTMLCanvasElement | null>,
  drawing: Drawing,
  viewport: Viewport,
  { width, height }: { width: number; height: number },
) {
  const theme = useTheme()
  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      const element = canvas.current
      if (element === null) return
      const ratio = window.devicePixelRatio || 1
      if (element.width !== width * ratio) element.width = width * ratio
      if (element.height !== height * ratio) element.height = height * ratio
      draw(element, drawing, viewport, { width, height, ratio })
    })
    return () => cancelAnimationFrame(frame)
  }, [canvas, drawing, viewport, width, height, theme])
}

/** The theme, whose colours a canvas does not take over by itself. */
function useTheme(): string | undefined {
  const [theme, setTheme] = useState(document.documentElement.dataset.theme)
  useEffect(() => {
    const observer = new MutationObserver(() => setTheme(document.documentElement.dataset.theme))
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
    return () => observer.disconnect()
  }, [])
  return theme
}

function useDrag(change: (next: (before: Viewport) => Viewport) => void, onClick: (x: number, y: number) => void) {
  const last = useRef<{ x: number; y: number; way: number } | null>(null)
  return {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      event.currentTarget.setPointerCapture(event.pointerId)
      last.current = { x: event.clientX, y: event.clientY, way: 0 }
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      const before = last.current
      if (before === null) return
      const [dx, dy] = [event.clientX - before.x, event.clientY - before.y]
      last.current = { x: event.clientX, y: event.clientY, way: before.way + Math.abs(dx) + Math.abs(dy) }
      if (last.current.way > CLICK) change((viewport) => pan(viewport, dx, dy))
    },
    onPointerUp: (event: PointerEvent<HTMLElement>) => {
      const { left, top } = event.currentTarget.getBoundingClientRect()
      if (last.current !== null && last.current.way <= CLICK) onClick(event.clientX - left, event.clientY - top)
      last.current = null
    },
    onPointerCancel: () => {
      last.current = null
    },
  }
}

/** The wheel changes the size where the graph has the focus, or with Ctrl; else it scrolls the page. */
function useWheel(box: React.RefObject<HTMLElement | null>, change: (next: (before: Viewport) => Viewport) => void) {
  useEffect(() => {
    const element = box.current
    if (element === null) return
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey && document.activeElement !== element) return
      event.preventDefault()
      const { left, top } = element.getBoundingClientRect()
      change((before) => zoom(before, Math.exp(-event.deltaY / 300), event.clientX - left, event.clientY - top))
    }
    element.addEventListener('wheel', onWheel, { passive: false })
    return () => element.removeEventListener('wheel', onWheel)
  }, [box, change])
}
