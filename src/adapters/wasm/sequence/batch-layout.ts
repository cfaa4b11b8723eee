// Where a batch of windows lies in the kernel's memory, after the parameters: row numbers, plans, and the matrices of
// one forward and backward pass. It is laid out anew for each batch, and nothing in it outlives the call.
//
// Symbols: T targets, N items, K negatives (padded to a multiple of four), Q columns of the query, B blocks.

import { panelDepth } from '../../../kernel/constants.ts'
import type { SequenceLayout } from '../../../learn/windows/sequence-layout.ts'
import { planWords } from '../../../learn/windows/sliding-sums.ts'

export interface Sizes {
  readonly windows: number
  readonly targets: number
  readonly items: number
  readonly negatives: number
}

/** Addresses in bytes. */
export interface Place {
  readonly itemRows: number
  readonly keep: number
  readonly plans: number
  readonly targetIds: number
  readonly targetWindows: number
  readonly negativeIds: number
  readonly ones: number
  readonly offsets: number
  readonly own: number
  /** Rows of the history: first their values, then their gradients. */
  readonly rowsN: number
  readonly rowsD: number
  /** (T, B·f): the sums of DNCR's blocks, the same after dropout, and their gradient. */
  readonly sums: number
  readonly input: number
  readonly dInput: number
  /** Outputs of the tower's hidden layers, and their gradients. */
  readonly hidden: readonly number[]
  readonly dHidden: readonly number[]
  readonly query: number
  readonly dQuery: number
  /**
   * Item rows of the targets (T, Q) and of the negatives (K, Q), the gradients of the latter, and the scores (T, K).
   */
  readonly ownRows: number
  readonly shared: number
  readonly dShared: number
  readonly scores: number
  readonly dBias: number
  readonly packed: number
  readonly moving: number
  readonly end: number
}

export function placeBatch(layout: SequenceLayout, sizes: Sizes, from: number): Place {
  const { windows, targets: t, items: n, negatives: k } = sizes
  const { shape, columnsN, columnsD } = layout
  const { blocks, query, layers } = shape
  let end = from
  /** A multiple of four words, and four more for loops that read past the last number. */
  const room = (words: number): number => {
    const at = end
    end += ((words + 7) & ~3) * 4
    return at
  }
  const hidden = layers.slice(0, -1)
  const widest = Math.max(k, query, columnsD, ...layers.map(({ inputs }) => inputs))
  return {
    itemRows: room(n),
    keep: room(n),
    plans: room(n * blocks * planWords),
    targetIds: room(t),
    targetWindows: room(t),
    negativeIds: room(k),
    ones: room(Math.max(t, k)),
    offsets: room(windows * k),
    own: room(t),
    rowsN: room(n * columnsN),
    rowsD: room(n * columnsD),
    sums: room(t * columnsD),
    input: room(t * columnsD),
    dInput: room(t * columnsD),
    hidden: hidden.map(({ outputs }) => room(t * outputs)),
    dHidden: hidden.map(({ outputs }) => room(t * outputs)),
    query: room(t * query),
    dQuery: room(t * query),
    ownRows: room(t * query),
    shared: room(k * query),
    dShared: room(k * query),
    scores: room(t * k),
    dBias: room(k),
    packed: room(panelDepth * ((widest + 7) & ~7)),
    moving: room(Math.max(columnsN, columnsD)),
    end,
  }
}

/** The address of the plan of block b for the window whose items begin at `from`. */
export function planAt(place: Place, sizes: Sizes, b: number, from: number): number {
  return place.plans + (b * sizes.items + from) * planWords * 4
}
