// What a command may touch outside of itself, handed in by main.ts so that tests can hand in something else; and what
// every part of the program may know of it: its version, and how to let it hear its signals.

import { readFileSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { packageRoot } from './places.ts'

export interface Io {
  /** Read, never written but for what native libraries look up there. */
  readonly env: Record<string, string | undefined>
  readonly stdin: Readable
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number
  /** Monotonic milliseconds. */
  readonly elapsedMs: () => number
  /** Milliseconds of processor time that the process has used. */
  readonly processorMs: () => number
  /** Resolves after this many ms; rejects when the signal is aborted. */
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>
  /** Aborted at the first wish to stop (a signal of the system). */
  readonly stop: AbortSignal
  /** The process ends with this code after a while, whatever hangs. */
  readonly exitAfterGrace?: (exitCode: number) => void
}

/** The version of this program, from its package. */
export function programVersion(): string {
  const file = new URL('package.json', packageRoot)
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version
}

/**
 * Between two pieces of long work: resolves in the next turn of the event loop, or rejects when the process was told to
 * stop.
 */
export async function yieldToEventLoop(stop?: AbortSignal): Promise<void> {
  await new Promise(setImmediate)
  stop?.throwIfAborted()
}
