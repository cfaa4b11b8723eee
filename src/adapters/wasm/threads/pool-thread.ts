// The entry of a thread that shares updates: it sleeps until there is one, and then does its part.

import { workerData } from 'node:worker_threads'
import { globalNames } from '../kernel/global-names.ts'
import type { Exports } from '../kernel/kernel.ts'
import { join } from '../kernel/module.ts'
import {
  awaitSignal,
  type Binding,
  CHANGED,
  DRAWS,
  LAYOUT_VERSION,
  type PoolThreadStart,
  PRESENT,
  VALUES,
} from './thread-protocol.ts'

const start = workerData as PoolThreadStart
const { control, threads } = start

interface Bound {
  readonly exports: Exports
  readonly board: Float64Array
  changed: number
  layoutVersion: number
}

function bind({ module, memory, board }: Binding): Bound {
  return { exports: join<Exports>(module, memory), board, changed: -1, layoutVersion: -1 }
}

/** Takes over the globals that have changed since the last update. */
function read(bound: Bound): void {
  const { exports, board } = bound
  if (bound.changed === board[CHANGED]) return
  globalNames.forEach((name, at) => {
    exports[name].value = board[VALUES + at]!
  })
  // Also for a new instance: it would take the marks of an earlier one for its own.
  if (bound.layoutVersion !== board[LAYOUT_VERSION]) exports.forgetMarks()
  bound.changed = board[CHANGED]!
  bound.layoutVersion = board[LAYOUT_VERSION]!
}

function work(): void {
  let bound: Bound | undefined
  let seen = 0
  Atomics.add(control, PRESENT, 1)
  Atomics.notify(control, PRESENT)
  for (;;) {
    seen = awaitSignal(start, seen, (binding: Binding) => {
      bound = bind(binding)
    })
    if (bound === undefined) throw new Error('an update to share, and no network')
    try {
      read(bound)
      bound.exports.learn(control[DRAWS]!, 0, threads, 0)
    } catch (cause) {
      bound.exports.fail()
      throw cause
    }
  }
}

work()
