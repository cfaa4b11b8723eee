// What the update log means, written as plainly as can be: by item names and without any cleverness. Every worker's
// base has to be the same, byte for byte.

import type { UpdateRecord } from '../../src/updates/record.ts'

export interface Reference {
  /** By table and row. */
  readonly rows: ReadonlyMap<string, Float32Array>
  /** Of each stream, the ranges that were learned, in the order of the log. */
  readonly learned: ReadonlyMap<string, readonly (readonly [from: number, to: number])[]>
  readonly counted: readonly UpdateRecord[]
}

/** `begin`: how a row stands before anybody has moved it. */
export function referenceOf(
  log: readonly UpdateRecord[],
  begin: (table: string, row: string, width: number) => Float32Array,
): Reference {
  const rows = new Map<string, Float32Array>()
  const learned = new Map<string, [number, number][]>()
  const owners = new Map<string, { author: string; epoch: number; position: number }>()
  const seen = new Map<string, number>()
  const counted: UpdateRecord[] = []

  function counts({ author, sequence, claims, learned: ranges }: UpdateRecord): boolean {
    if (sequence <= (seen.get(author) ?? 0)) return false
    seen.set(author, sequence)
    for (const { stream, epoch, from } of claims) {
      const before = owners.get(stream)
      if (epoch !== (before?.epoch ?? 0) + 1) continue
      owners.set(stream, { author, epoch, position: Math.max(before?.position ?? from, from) })
    }
    const isMine = ranges.every(({ stream, from }) => {
      const owner = owners.get(stream)
      return owner?.author === author && owner.position === from
    })
    if (!isMine) return false
    for (const { stream, from, to } of ranges) {
      owners.get(stream)!.position = to
      learned.set(stream, [...(learned.get(stream) ?? []), [from, to]])
    }
    return true
  }

  for (const record of log) {
    if (!counts(record)) continue
    const own = counted.findLastIndex(({ author }) => author === record.author)
    const since = counted.slice(own + 1).slice(-64)
    for (const { table, width, rows: moved, values } of record.moved) {
      moved.forEach((place, k) => {
        const key = keyOf(record, table, place)
        const others = new Set(since.filter((one) => moves(one, key)).map(({ author }) => author))
        const share = 1 / Math.sqrt(1 + others.size)
        const row = rows.get(key) ?? begin(table, rowOf(record, place), width)
        for (let d = 0; d < width; d++) row[d]! += share * values[k * width + d]!
        rows.set(key, row)
      })
    }
    counted.push(record)
  }
  return { rows, learned, counted }
}

function rowOf({ names }: UpdateRecord, place: number): string {
  return place < 0 ? `row ${-1 - place}` : names[place]!
}

function keyOf(record: UpdateRecord, table: string, place: number): string {
  return `${table} ${rowOf(record, place)}`
}

const keysOf = new WeakMap<UpdateRecord, Set<string>>()

function moves(record: UpdateRecord, key: string): boolean {
  let keys = keysOf.get(record)
  if (keys === undefined) {
    keys = new Set(
      record.moved.flatMap(({ table, rows }) =>
        [...rows].map((place) => keyOf(record, table, place)),
      ),
    )
    keysOf.set(record, keys)
  }
  return keys.has(key)
}
