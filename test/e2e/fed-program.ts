// The program as a process that reads a made-up stream from its standard input: how long it takes, and what it takes of
// memory at most.

import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as after } from 'node:timers/promises'
import { createRandom } from '../../src/sample/random.ts'
import { environment, main } from './program.ts'

const pollMs = 200
const tellEveryMs = 30_000
const linesTold = 5
const linesAtOnce = 5_000

export interface Sizes {
  readonly users: number
  readonly items: number
}

export interface Piece {
  readonly events: number
  readonly lines: string
}

export interface Ran {
  /** From the start to the end. */
  readonly seconds: number
  /** To the first line on standard output: the first list. */
  readonly firstSeconds: number
  /** KiB. */
  readonly peak: number
}

export interface Fed {
  readonly pieces: Iterable<Piece>
  /** Of all pieces. */
  readonly events: number
  readonly say: (line: string) => void
}

/** @throws Error with what the program said last where it ends before it was told to, or not well */
export async function feed(args: readonly string[], { pieces, events, say }: Fed): Promise<Ran> {
  const startedMs = performance.now()
  const seconds = (): number => (performance.now() - startedMs) / 1_000
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: environment({ NEUPR_LOG_LEVEL: 'warn' }),
  })
  let heard = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    heard = (heard + text).slice(-10_000)
  })
  let firstSeconds = Number.NaN
  child.stdout.on('data', () => {
    if (Number.isNaN(firstSeconds)) firstSeconds = seconds()
  })
  let hasEnded = false
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('close', (code, signal) => {
      hasEnded = true
      resolve(code ?? signal)
    })
  })
  // Who reads no further has ended, or will: the exit says why.
  const closed = new Promise<void>((resolve) => child.stdin.once('error', () => resolve()))
  let [peak, sent, toldMs] = [0, 0, performance.now()]
  const watch = setInterval(() => {
    peak = Math.max(peak, peakOf(child.pid))
    if (performance.now() - toldMs < tellEveryMs) return
    toldMs = performance.now()
    say(progressOf(sent, events, seconds(), peak))
  }, pollMs)
  try {
    for (const { events: count, lines } of pieces) {
      if (hasEnded) break
      if (!child.stdin.write(lines)) await Promise.race([ended, closed, drained(child.stdin)])
      sent += count
    }
    child.stdin.end()
    const end = await ended
    if (end !== 0 || sent < events) {
      const last = heard.trim().split('\n').slice(-linesTold).join('\n')
      throw new Error(`the program ended with ${end} after ${sent} of ${events} events:\n${last}`)
    }
  } finally {
    clearInterval(watch)
    if (!hasEnded) child.kill('SIGKILL')
  }
  return { seconds: seconds(), firstSeconds, peak }
}

/** Resolves a while later at the latest: who has ended drains nothing. */
async function drained(stdin: NodeJS.WritableStream): Promise<void> {
  const over = new AbortController()
  const event = new Promise<void>((resolve) => stdin.once('drain', () => resolve()))
  await Promise.race([event, after(tellEveryMs, undefined, { signal: over.signal })])
  over.abort()
}

function progressOf(sent: number, events: number, seconds: number, peak: number): string {
  const memory = `${Math.round(peak / 1024)} MiB`
  if (sent >= events) return `all events are read; what is left takes ${memory} so far`
  const rate = sent / seconds
  const left = Math.ceil((events - sent) / rate / 60)
  const share = `${sent} of ${events} events read`
  return `${share}, ${Math.round(rate)} a second, ${memory}, ${left} minutes to go`
}

/** KiB at most so far; Linux keeps it. */
function peakOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw cause
  }
}

/** Lines of a file: popular items come often, and every user and item comes at least once. */
export function* stream({ users, items }: Sizes, from: number, count: number): Generator<Piece> {
  const random = createRandom(11 + from, 'size')
  for (let k = from; k < from + count; ) {
    let lines = k === from ? 'user\titem\ttimestamp\n' : ''
    const first = k
    for (const end = Math.min(from + count, k + linesAtOnce); k < end; k++) {
      const user = k < users ? k : random.below(users)
      const item = k < items ? k : Math.floor(items * random.unit() ** 3)
      lines += `u${user}\ti${item}\t${1_600_000_000 + k}\n`
    }
    yield { events: k - first, lines }
  }
}
