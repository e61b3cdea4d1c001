// A websocket whose other end is the test.
export class FakeSocket {
  static readonly all: FakeSocket[] = []
  readonly sent: unknown[] = []
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null

  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {
    FakeSocket.all.push(this)
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }

  close(): void {}

  /** Let the server accept and log the client in. */
  welcome(): void {
    this.onopen?.()
    this.tell({ type: 'auth_success' })
  }

  tell(frame: unknown): void {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }
}
