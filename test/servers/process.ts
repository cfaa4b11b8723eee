// One server process: started in its own group, watched until it answers, stopped or killed, and ended with
// this process whatever happens to it. Knows nothing of any particular server.

import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

export interface Launch {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** Its data; the log goes here too. */
  readonly folder: string
  /** True once the server answers. Called again and again. */
  readonly ready: () => Promise<boolean>
  readonly readyMsMax?: number
}

export interface RunningProcess {
  readonly pid: number
  /** Asks it to end, and makes it after `graceMs`. */
  stop(graceMs?: number): Promise<void>
  /** SIGKILL: what a crash looks like from outside. */
  kill(): Promise<void>
}

/** @throws Error with the end of its log when it ends or does not answer in time. */
export async function launch(what: Launch): Promise<RunningProcess> {
  const logFile = join(what.folder, `${what.name}.log`)
  const log = createWriteStream(logFile, { flags: 'a' })
  const child = spawn(what.command, [...what.args], {
    cwd: what.folder,
    env: what.env ?? process.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout.pipe(log, { end: false })
  child.stderr.pipe(log, { end: false })
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(`exit ${code ?? signal}`))
  })
  if (child.pid !== undefined) guardian().add(child.pid)
  const running = handle(child, ended)
  const deadline = performance.now() + (what.readyMsMax ?? 120_000)
  for (;;) {
    const gone = await Promise.race([ended, delay(50).then(() => undefined)])
    // Asked again once it answers: what answered may be another server, on a port that this one could not bind.
    if (gone === undefined && (await what.ready()) && child.exitCode === null) return running
    if (gone === undefined && performance.now() < deadline) continue
    await running.kill()
    const words = readFileSync(logFile, 'utf8').trim().split('\n').slice(-15).join('\n')
    throw new Error(`${what.name} ${gone ?? 'did not answer in time'}; its last words:\n${words}`)
  }
}

function handle(child: ChildProcess, ended: Promise<string>): RunningProcess {
  const signal = (name: NodeJS.Signals): void => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill(name)
  }
  const done = async (): Promise<void> => {
    await ended
    if (child.pid !== undefined) guardian().drop(child.pid)
  }
  return {
    pid: child.pid ?? 0,
    async stop(graceMs = 10_000) {
      signal('SIGTERM')
      const timer = setTimeout(() => signal('SIGKILL'), graceMs)
      await done()
      clearTimeout(timer)
    },
    async kill() {
      signal('SIGKILL')
      await done()
    },
  }
}

interface Guardian {
  add(pid: number): void
  drop(pid: number): void
  folder(path: string): void
}

/**
 * A shell that reads from a pipe which only this process holds: when this process ends, even by SIGKILL,
 * the pipe closes and the shell kills every process group it was told of and removes their folders.
 */
const guardScript = `
pids=" "; dirs=""
while read -r word value; do
  case "$word" in
    add) pids="$pids$value " ;;
    drop) pids=$(printf '%s' "$pids" | sed "s/ $value / /") ;;
    folder) dirs="$dirs $value" ;;
  esac
done
for pid in $pids; do kill -9 "-$pid" 2>/dev/null; done
[ -z "$dirs" ] || rm -rf $dirs
`

let guard: Guardian | undefined

function guardian(): Guardian {
  if (guard !== undefined) return guard
  const shell = spawn('sh', ['-c', guardScript], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  shell.unref()
  const pipe = shell.stdin as typeof shell.stdin & { unref(): void }
  pipe.unref()
  const tell = (word: string, value: string | number): void => {
    pipe.write(`${word} ${value}\n`)
  }
  return (guard = {
    add: (pid) => tell('add', pid),
    drop: (pid) => tell('drop', pid),
    folder: (path) => tell('folder', path),
  })
}

/** A fresh folder for a server's data, gone with this process at the latest. */
export async function dataFolder(name: string): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), `neupr-${name}-`))
  guardian().folder(path)
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}
