// Failures by their cause: messages that differ only in numbers and names are one cause.
import type { FlowRun } from '@/api/types'

export interface Cause {
  /** The message of its latest failure, first line. */
  message: string
  flowId: string
  runs: FlowRun[]
}

/** Group failed runs, the largest group first. The runs must come in the order of their times, latest first. */
export function groupByCause(runs: readonly FlowRun[]): Cause[] {
  const groups = new Map<string, Cause>()
  for (const run of runs) {
    const message = firstLine(run.state?.message) ?? 'No message was given'
    const key = `${run.flow_id} ${fingerprint(message)}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { message, flowId: run.flow_id, runs: [run] })
    else group.runs.push(run)
  }
  return [...groups.values()].sort((one, other) => other.runs.length - one.runs.length)
}

/** A message without what differs from one time to the next: ids, numbers, quoted names. */
export function fingerprint(message: string): string {
  return message
    .toLowerCase()
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, '#')
    .replace(/0x[0-9a-f]+|\d+(\.\d+)?/g, '#')
    .replace(/'[^']*'|"[^"]*"/g, "'…'")
}

/** What both SDKs put before the exception itself. */
const LEAD = /^(flow|task) run encountered an exception:? /i

function firstLine(message: string | null | undefined): string | undefined {
  const line = message?.split('\n').find((each) => each.trim() !== '')
  return line?.trim().replace(LEAD, '')
}
