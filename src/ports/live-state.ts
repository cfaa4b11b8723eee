// State that a checkpoint reads a piece at a time while learning goes on: large tensors with a note of which of their
// rows have been written to, and whatever is small enough to be copied at once.

import type { Tensor, TensorData } from './checkpoint-store.ts'

/** The shape of one row, and rows `from` … `to`-1 as they are now, until more is read; in place where they lie so. */
export interface LiveColumn {
  readonly rowShape: readonly number[]
  read(from: number, to: number): TensorData
}

/** Tensors whose rows are numbered alike and written to together. */
export interface LiveRows {
  readonly changed: ChangedRows
  /** Whoever writes to rows calls `changed.beforeWrite()` first: held rows can be read as they were. */
  readonly canBeHeld?: boolean
  readonly rows: number
  /** By the name of the tensor. Valid until the state changes. */
  columns(): ReadonlyMap<string, LiveColumn>
}

export interface LiveState {
  readonly live: readonly LiveRows[]
  /** Copies of all that is not in `live`. Data of an earlier call that is given again has not changed. */
  rest(): ReadonlyMap<string, Tensor>
}

/** Rows from … to-1. */
export interface Run {
  readonly from: number
  readonly to: number
}

/** Which rows were written to since a checkpoint took them, in units of 2^shift rows. At first all were. */
export class ChangedRows {
  private readonly shift: number
  /** 1: written to. Units beyond the array are new. */
  private flags = new Uint8Array(0)
  /** The rows that the flags were made for. */
  private covered = 0
  private held:
    | { flags: Uint8Array; rows: number; keep: (runs: readonly Run[]) => void }
    | undefined

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
    this.flags = new Uint8Array(Math.ceil(rows / 2 ** this.shift))
    this.covered = rows
  }

  /** Takes the first run of changed rows from `from` on, of about `rowsMax` rows: they count as unchanged after it. */
  take(from: number, rows: number, rowsMax: number): Run | undefined {
    this.cover(rows)
    return this.runOf(this.flags, from, rows, rowsMax)
  }

  /**
   * The first `rows` rows that have changed count as unchanged, and are held as they are now until they are taken.
   * `keep` gets those that are about to be written to before that.
   */
  hold(rows: number, keep: (runs: readonly Run[]) => void): void {
    this.cover(rows)
    this.held = { flags: this.flags, rows, keep }
    this.flags = new Uint8Array(this.flags.length)
  }

  get isHolding(): boolean {
    return this.held !== undefined
  }

  /** To be called with rows that are about to be written to, or more, while isHolding. */
  beforeWrite(rows: Iterable<number>): void {
    if (this.held === undefined) return
    const { flags, rows: end, keep } = this.held
    const runs: Run[] = []
    for (const row of rows) {
      const unit = row >>> this.shift
      if (flags[unit] !== 1) continue
      flags[unit] = 0
      runs.push({ from: unit << this.shift, to: Math.min(end, (unit + 1) << this.shift) })
    }
    if (runs.length > 0) keep(runs)
  }

  /** Takes the first run of held rows from `from` on, as take() does, where all before it were taken. */
  takeHeld(from: number, rowsMax: number): Run | undefined {
    const run = this.held && this.runOf(this.held.flags, from, this.held.rows, rowsMax)
    if (run === undefined) this.held = undefined
    return run
  }

  /** Holds nothing any more. */
  letGo(): void {
    this.held = undefined
  }

  /** Of the first `rows` rows, as whole units. */
  count(rows: number): number {
    this.cover(rows)
    let units = 0
    for (const flag of this.flags) units += flag
    return units << this.shift
  }

  private runOf(flags: Uint8Array, from: number, rows: number, rowsMax: number): Run | undefined {
    const first = flags.indexOf(1, from >>> this.shift)
    if (first < 0) return undefined
    const end = Math.min(flags.length, first + Math.max(1, rowsMax >>> this.shift))
    let unit = first
    for (; unit < end && flags[unit] === 1; unit++) flags[unit] = 0
    return { from: first << this.shift, to: Math.min(rows, unit << this.shift) }
  }

  private cover(rows: number): void {
    if (rows === this.covered) return
    const flags = new Uint8Array(Math.ceil(rows / 2 ** this.shift)).fill(1)
    flags.set(this.flags.subarray(0, flags.length))
    // The last unit may have gained rows that nobody has marked.
    if (rows > this.covered && this.covered > 0) flags[(this.covered - 1) >>> this.shift] = 1
    this.flags = flags
    this.covered = rows
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
  canBeHeld = false,
): LiveRows {
  const columns = () => [...tensors()].map(([name, tensor]) => [name, inPlace(tensor)] as const)
  return liveColumns(changed, rows, columns, canBeHeld)
}

/** Rows some of whose columns are put together as they are read. */
export function liveColumns(
  changed: ChangedRows,
  rows: () => number,
  columns: () => Iterable<readonly [string, LiveColumn]>,
  canBeHeld = false,
): LiveRows {
  return {
    changed,
    canBeHeld,
    get rows() {
      return rows()
    },
    columns: () => new Map(columns()),
  }
}

/** A column that lies in an array. */
export function inPlace({ shape, data }: Tensor): LiveColumn {
  const rowShape = shape.slice(1)
  const width = widthOf(rowShape)
  const read = (from: number, to: number) => data.subarray(from * width, to * width) as TensorData
  return { rowShape, read }
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
