// Lists of texts as generations of changes make them. They are told in runs of texts that stay where they were read,
// and put together once, at the end.

import { sharedMemory } from '../safetensors.ts'
import { encode, TextColumn, type TextKind } from '../text-columns.ts'

/** Texts first … first+count-1 of a column. */
interface Run {
  readonly of: TextColumn
  readonly first: number
  readonly count: number
}

export class ChangedTexts {
  private lists: ReadonlyMap<string, readonly Run[]>

  constructor(texts: ReadonlyMap<string, TextColumn> = new Map()) {
    this.lists = new Map([...texts].map(([name, of]) => [name, [wholeOf(of)]]))
  }

  /**
   * What a generation makes of them: `lengths` of all lists, and by `list@place` the texts that come to that place.
   * Throws where it leaves places without a text.
   */
  apply(
    lengths: readonly (readonly [list: string, length: number])[],
    added: ReadonlyMap<string, TextColumn>,
  ): void {
    const pieces = byList(added)
    const after = new Map<string, readonly Run[]>()
    for (const [list, length] of lengths) {
      const runs = withPieces(list, this.lists.get(list) ?? [], pieces.get(list) ?? [])
      const known = runs.reduce((sum, { count }) => sum + count, 0)
      if (known < length) throw new Error(`${known} texts ${list}, expected ${length}`)
      after.set(list, first(runs, length))
      pieces.delete(list)
    }
    for (const list of pieces.keys()) throw new Error(`texts ${list} have a gap`)
    this.lists = after
  }

  /** In memory that other threads can be given. */
  joined(): Map<string, TextColumn> {
    return new Map([...this.lists].map(([name, runs]) => [name, joinedOf(runs)]))
  }
}

interface Piece {
  readonly from: number
  readonly of: TextColumn
}

/** In order of their places. */
function byList(added: ReadonlyMap<string, TextColumn>): Map<string, Piece[]> {
  const pieces = new Map<string, Piece[]>()
  for (const [key, of] of added) {
    const [, list = '', from = ''] = /^(.*)@(\d+)$/s.exec(key) ?? []
    const own = pieces.get(list)
    if (own === undefined) pieces.set(list, [{ from: Number(from), of }])
    else own.push({ from: Number(from), of })
  }
  for (const own of pieces.values()) own.sort((a, b) => a.from - b.from)
  return pieces
}

/** The runs with the pieces in their places. */
function withPieces(list: string, runs: readonly Run[], pieces: readonly Piece[]): readonly Run[] {
  if (pieces.length === 0) return runs
  const after: Run[] = []
  /** The run that is gone through, where it begins in the list, and how many texts there are in `after`. */
  let [r, begin, length] = [0, 0, 0]

  /** Takes texts of the runs from `length` on, up to `end`. */
  function takeUpTo(end: number): void {
    for (; r < runs.length; begin += runs[r++]!.count) {
      const { of, first, count } = runs[r]!
      const skipped = length - begin
      const taken = Math.min(end, begin + count) - length
      if (skipped < count && taken > 0) {
        after.push({ of, first: first + skipped, count: taken })
        length += taken
      }
      if (end < begin + count) return
    }
  }

  for (const { from, of } of pieces) {
    takeUpTo(from)
    if (length !== from) throw new Error(`texts ${list} have a gap or come twice at ${from}`)
    after.push(wholeOf(of))
    length += of.length
  }
  takeUpTo(Number.POSITIVE_INFINITY)
  return after
}

function wholeOf(of: TextColumn): Run {
  return { of, first: 0, count: of.length }
}

/** The first `length` texts. */
function first(runs: readonly Run[], length: number): readonly Run[] {
  let left = length
  return runs.flatMap(({ of, first, count }) => {
    const taken = Math.min(left, count)
    left -= taken
    return taken > 0 ? [{ of, first, count: taken }] : []
  })
}

function joinedOf(runs: readonly Run[]): TextColumn {
  const [one] = runs
  if (one !== undefined && runs.length === 1 && one.count === one.of.length) return one.of
  const kind: TextKind = runs.some(({ of }) => of.kind === 'utf16') ? 'utf16' : 'utf8'
  const parts = runs.map((run) => bytesOf(run, kind))
  const sum = (of: 'bytes' | 'lengths') => parts.reduce((total, part) => total + part[of].length, 0)
  const bytes = new Uint8Array(sharedMemory(sum('bytes')))
  const lengths = new Uint32Array(sharedMemory(4 * sum('lengths')))
  let [end, count] = [0, 0]
  for (const part of parts) {
    bytes.set(part.bytes, end)
    lengths.set(part.lengths, count)
    end += part.bytes.length
    count += part.lengths.length
  }
  return new TextColumn({ kind, bytes, lengths })
}

function bytesOf({ of, first, count }: Run, kind: TextKind) {
  const end = first + count
  if (of.kind !== kind) return encode(of.slice(first, end), kind)
  const bytes = of.bytes.subarray(of.beginOf(first), of.beginOf(end))
  return { bytes, lengths: of.lengths.subarray(first, end) }
}
