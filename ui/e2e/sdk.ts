// Flows that the real SDK runs, each in a process of its own, against the server of the journeys.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { URL_OF_UI } from './browser'

const PYTHON = process.env.OSTINATO_UI_PYTHON ?? 'python3'
const started: Script[] = []

/** A process that uses the SDK. */
export class Script {
  /** What it has printed. */
  output = ''
  readonly ended: Promise<number | null>
  private readonly process: ChildProcess

  constructor(
    /** The folder that it runs in, for files by which it is told things. */
    readonly folder: string,
    command: readonly string[],
  ) {
    this.process = spawn(PYTHON, command, { cwd: folder, env: environment(folder) })
    const note = (part: Buffer) => (this.output += part.toString())
    this.process.stdout?.on('data', note)
    this.process.stderr?.on('data', note)
    this.ended = new Promise((resolve, reject) => {
      this.process.on('error', reject)
      this.process.on('close', resolve)
    })
  }

  /** Let it know something, by a file in its folder. */
  tell(name: string): void {
    writeFileSync(join(this.folder, name), '')
  }

  /** Wait for its end; throws what it printed where it did not end well. */
  async succeed(): Promise<void> {
    const status = await this.ended
    if (status !== 0) throw new Error(`The script ended with ${status}:\n${this.output}`)
  }

  stop(): void {
    this.process.kill('SIGTERM')
  }
}

/** Run a script that uses the SDK. */
export function runScript(source: string): Script {
  const folder = newFolder()
  writeFileSync(join(folder, 'script.py'), source)
  return start(folder, ['script.py'])
}

/** Run a command of the CLI, such as `variable`, `ls`. */
export function runCli(...words: string[]): Script {
  return start(newFolder(), ['-c', 'from ostinato.cli.main import main; main()', ...words])
}

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'journey-'))
}

function start(folder: string, command: readonly string[]): Script {
  const script = new Script(folder, command)
  started.push(script)
  return script
}

/** End what still runs, and leave nothing behind. */
export async function stopScripts(): Promise<void> {
  for (const script of started) script.stop()
  await Promise.all(started.map((script) => script.ended))
  for (const script of started.splice(0)) rmSync(script.folder, { recursive: true, force: true })
}

function environment(home: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(OSTINATO|PREFECT)_/.test(name))
  const certificate = process.env.NODE_EXTRA_CA_CERTS
  return {
    ...Object.fromEntries(own),
    ...(certificate && { SSL_CERT_FILE: certificate }),
    OSTINATO_API_URL: `${URL_OF_UI}/api`,
    OSTINATO_HOME: home,
    PYTHONUNBUFFERED: '1',
  }
}
