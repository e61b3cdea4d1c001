// What can go wrong between the page and the server, in words for people.

/** An answer that is none, or an error. `status` is 0 where no answer came. */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly status: number
  /** What is wrong with members of what was sent, by the ways there, such as `schedule.cron.timezone`. */
  readonly places: ReadonlyMap<string, string>

  constructor(status: number, message: string, places: ReadonlyMap<string, string> = new Map()) {
    super(message)
    this.status = status
    this.places = places
  }

  /** Whether asking again may help. */
  get mayPass(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500
  }
}

/** Say what an error is, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Make an error of an answer's status and body. */
export function readProblem(status: number, body: unknown): ApiError {
  const message = said(body) ?? FALLBACK[status] ?? `The server answered with status ${status}.`
  return new ApiError(status, message, new Map(problemsIn(body).map(({ place, words }) => [place, words])))
}

const FALLBACK: Record<number, string> = {
  401: 'The server asks for a password.',
  404: 'There is no such object: it may have been deleted.',
  503: 'The server is busy or being maintained. Try again in some seconds.',
}

function said(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const problems = problemsIn(body)
  if (problems.length > 0) return problems.map(({ place, words }) => (place ? `${place}: ${words}` : words)).join('; ')
  const { detail, exception_message: message } = body as Record<string, unknown>
  const text = detail ?? message
  return typeof text === 'string' && text !== 'Not Found' ? text : undefined
}

function problemsIn(body: unknown): { place: string; words: string }[] {
  if (typeof body !== 'object' || body === null) return []
  const { detail, exception_detail: problems } = body as Record<string, unknown>
  const found = Array.isArray(problems) ? problems : Array.isArray(detail) ? detail : []
  return found.map((problem: unknown) => {
    if (typeof problem !== 'object' || problem === null) return { place: '', words: String(problem) }
    const { loc, msg } = problem as { loc?: unknown[]; msg?: string }
    return { place: (loc ?? []).filter((part) => part !== 'body').join('.'), words: msg ?? '' }
  })
}
