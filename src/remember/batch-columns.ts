// The columns of a batch for the trainer: one entry per event.

import type { TrainerBatch } from '../messages.ts'

/** Without the lists that are empty. */
export function changesOf(changes: Pick<TrainerBatch, 'changedUsers' | 'changedItems'>) {
  return Object.fromEntries(Object.entries(changes).filter(([, those]) => those.length > 0))
}

export function columnsFor(n: number) {
  return {
    users: new Int32Array(n),
    items: new Int32Array(n),
    times: new Float64Array(n),
    actions: new Uint8Array(n),
    offsets: new Float64Array(n),
  }
}

export function firstOf(columns: ReturnType<typeof columnsFor>, n: number) {
  if (n === columns.users.length) return columns
  const { users, items, times, actions, offsets } = columns
  return {
    users: users.slice(0, n),
    items: items.slice(0, n),
    times: times.slice(0, n),
    actions: actions.slice(0, n),
    offsets: offsets.slice(0, n),
  }
}
