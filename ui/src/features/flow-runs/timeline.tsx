// When each task and sub-flow ran: a bar a row, by start. Only the rows in sight are drawn, so ten thousand are no matter.
import { Link } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useMemo, useRef } from 'react'

import type { Graph } from '@/api/types'
import { kindOf, StateGlyph } from '@/design/states'
import { useNow } from '@/lib/clock'
import { formatDuration } from '@/lib/time'

import { type Bar, layOut, type Layout, type Spans, spansOf } from './timeline-layout'
import styles from './timeline.module.css'

const ROW = 28
const STILL = 0

/** The time-line of what a graph holds, in which bars grow while its run is running. */
export function Timeline({ graph, isRunning }: { graph: Graph; isRunning: boolean }) {
  const spans = useMemo(() => spansOf(graph), [graph])
  return isRunning ? <LiveBars spans={spans} /> : <StillBars spans={spans} />
}

function StillBars({ spans }: { spans: Spans }) {
  return <Bars layout={useMemo(() => layOut(spans, STILL), [spans])} />
}

function LiveBars({ spans }: { spans: Spans }) {
  return <Bars layout={layOut(spans, useNow())} />
}

function Bars({ layout }: { layout: Layout }) {
  const box = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: layout.bars.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 12,
  })
  const ticks = useMemo(
    () => [0, 0.25, 0.5, 0.75, 1].map((part) => [part, formatDuration(layout.seconds * part)] as const),
    [layout.seconds],
  )
  return (
    <div className={styles.timeline}>
      <div className={styles.axis} aria-hidden>
        {ticks.map(([part, label]) => (
          <span key={part} style={{ left: `${part * 100}%` }} data-part={part}>
            {label}
          </span>
        ))}
      </div>
      <div
        ref={box}
        className={styles.rows}
        tabIndex={0}
        role="region"
        aria-label={`Time-line of ${layout.bars.length} runs`}
      >
        <ul style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map((item) => {
            const bar = layout.bars[item.index]
            return bar && <BarRow key={bar.id} bar={bar} top={item.start} />
          })}
        </ul>
      </div>
    </div>
  )
}

function BarRow({ bar, top }: { bar: Bar; top: number }) {
  const kind = kindOf(bar.state)
  const to = bar.kind === 'flow-run' ? '/runs/flow-run/$id' : '/runs/task-run/$id'
  return (
    <li className={styles.row} style={{ top, height: ROW }}>
      <Link to={to} params={{ id: bar.id }} className={styles.label} title={bar.label}>
        <StateGlyph kind={kind} size={13} />
        <span>{bar.label}</span>
      </Link>
      <span className={styles.track}>
        <span
          className={styles.bar}
          data-kind={kind}
          style={{ left: `${bar.from * 100}%`, width: `max(3px, ${(bar.to - bar.from) * 100}%)` }}
        />
        <span
          className={styles.span}
          style={
            bar.to > 0.85 ? { right: `calc(${(1 - bar.from) * 100}% + 6px)` } : { left: `calc(${bar.to * 100}% + 6px)` }
          }
        >
          {formatDuration(bar.seconds)}
        </span>
      </span>
    </li>
  )
}
