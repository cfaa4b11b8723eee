// State that a checkpoint reads a piece at a time while learning goes on: large tensors with a note of which of their
// rows have been written to, and whatever is small enough to be copied at once.

import type { Tensor, TensorData } from './checkpoint-store.ts'

/** The shape of one row, and rows `from` … `to`-1 as they are now, in place where they lie so. */
export interface LiveColumn {
  readonly rowShape: readonly number[]
  read(from: number, to: number): TensorData
}

/** Tensors whose rows are numbered alike and written to together. */
export interface LiveRows {
  readonly changed: ChangedRows
  readonly rows: number
  /** By the name of the tensor. Valid until the state changes. */
  columns(): ReadonlyMap<string, LiveColumn>
}

export interface LiveState {
  readonly live: readonly LiveRows[]
  /** Copies of all that is not in `live`. Data of an earlier call that is given again has not changed. */
  rest(): ReadonlyMap<string, Tensor>
}

/** Which rows were written to since a checkpoint took them, in units of 2^shift rows. At first all were. */
export class ChangedRows {
  private readonly shift: number
  /** 1: written to. Units beyond the array are new. */
  private flags = new Uint8Array(0)
  /** The rows that the flags were made for. */
  private covered = 0

  constructor(shift = 0) {
    this.shift = shift
  }

  mark(row: number): void {
    const unit = row >>> this.shift
    if (unit < this.flags.length) this.flags[unit] = 1
  }

  markRange(from: number, to: number): void {
    if (to > from) this.flags.fill(1, from >>> this.shift, ((to - 1) >>> this.shift) + 1)
  }

  markAll(): void {
    this.flags = new Uint8Array(0)
    this.covered = 0
  }

  /** All of the first `rows` rows are as a checkpoint has them. */
  clear(rows: number): void {
    this.flags = new Uint8Array(this.unitsOf(rows))
    this.covered = rows
  }

  /** Takes the first run of changed rows from `from` on, of about `rowsMax` rows: they count as unchanged after it. */
  take(from: number, rows: number, rowsMax: number): { from: number; to: number } | undefined {
    this.cover(rows)
    const first = this.flags.indexOf(1, from >>> this.shift)
    if (first < 0) return undefined
    const end = Math.min(this.flags.length, first + Math.max(1, rowsMax >>> this.shift))
    let unit = first
    for (; unit < end && this.flags[unit] === 1; unit++) this.flags[unit] = 0
    return { from: first << this.shift, to: Math.min(rows, unit << this.shift) }
  }

  /** Of the first `rows` rows, as whole units. */
  count(rows: number): number {
    this.cover(rows)
    let units = 0
    for (const flag of this.flags) units += flag
    return units << this.shift
  }

  private cover(rows: number): void {
    if (rows === this.covered) return
    const flags = new Uint8Array(this.unitsOf(rows)).fill(1)
    flags.set(this.flags.subarray(0, flags.length))
    // The last unit may have gained rows that nobody has marked.
    if (rows > this.covered && this.covered > 0) flags[(this.covered - 1) >>> this.shift] = 1
    this.flags = flags
    this.covered = rows
  }

  private unitsOf(rows: number): number {
    return Math.ceil(rows / 2 ** this.shift)
  }
}

/** A state of rows of one kind, and maybe something small. */
export function liveState(
  changed: ChangedRows,
  rows: () => number,
  tensors: () => Iterable<readonly [string, Tensor]>,
  rest: LiveState['rest'] = () => new Map(),
): LiveState {
  return { live: [liveRows(changed, rows, tensors)], rest }
}

/** Columns of tensors of one shape by row. */
export function columnsOf(tensors: Iterable<readonly [string, Tensor]>): Map<string, LiveColumn> {
  const columns = new Map<string, LiveColumn>()
  for (const [name, { shape, data }] of tensors) {
    const rowShape = shape.slice(1)
    const width = widthOf(rowShape)
    columns.set(name, {
      rowShape,
      read: (from, to) => data.subarray(from * width, to * width) as TensorData,
    })
  }
  return columns
}

/** Arrays of one number in a row, by `prefix.name`. */
export function vectors(prefix: string, arrays: Record<string, TensorData>): Map<string, Tensor> {
  return new Map(
    Object.entries(arrays).map(([name, data]) => {
      return [`${prefix}.${name}`, { shape: [data.length], data }] as const
    }),
  )
}

/** Rows that lie in arrays, which may be replaced as they grow. */
export function liveRows(
  changed: ChangedRows,
  rows: () => number,
  tensors: () => Iterable<readonly [string, Tensor]>,
): LiveRows {
  return {
    changed,
    get rows() {
      return rows()
    },
    columns: () => columnsOf(tensors()),
  }
}

/** Several states as one. */
export function stateOf(states: readonly LiveState[]): LiveState {
  return {
    live: states.flatMap(({ live }) => live),
    rest: () => new Map(states.flatMap(({ rest }) => [...rest()])),
  }
}

/** The names of all its tensors. */
export function namesOf({ live, rest }: LiveState): string[] {
  return [...live.flatMap(({ columns }) => [...columns().keys()]), ...rest().keys()]
}

/** Numbers in a row. */
export function widthOf(rowShape: readonly number[]): number {
  return rowShape.reduce((product, side) => product * side, 1)
}

/** Everything at once, as copies. */
export function copyOf(state: LiveState): Map<string, Tensor> {
  const tensors = viewOf({ ...state, rest: () => new Map() })
  for (const [name, { shape, data }] of tensors) {
    tensors.set(name, { shape, data: data.slice() as TensorData })
  }
  return new Map([...tensors, ...state.rest()])
}

/** Everything at once, valid until the state changes. */
export function viewOf({ live, rest }: LiveState): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>()
  for (const { rows, columns } of live) {
    for (const [name, { rowShape, read }] of columns()) {
      tensors.set(name, { shape: [rows, ...rowShape], data: read(0, rows) })
    }
  }
  return new Map([...tensors, ...rest()])
}
