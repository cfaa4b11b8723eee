// The rows of numbers that a checkpoint holds for the rankers of its time, as rows for the rankers of today: a model
// may have gained a hidden layer, or lost it.

/** The names as numbers: the bytes of UTF-8, one name a line. */
export function namesAsNumbers(names: readonly string[]): Float64Array {
  return Float64Array.from(new TextEncoder().encode(names.join('\n')))
}

function namesFrom(numbers: Float64Array): string[] {
  return new TextDecoder().decode(Uint8Array.from(numbers)).split('\n')
}

export interface SavedColumns {
  /** Numbers of an event in the checkpoint: hits and NDCG of each ranker, and the event itself. */
  readonly width: number
  /** By number of today its place there, -1 for none. */
  readonly columns: readonly number[]
}

/** `saved`: what namesAsNumbers() gave; older checkpoints have none and know nothing of a hidden layer. */
export function savedColumns(rankers: readonly string[], saved: Float64Array): SavedColumns {
  const known = saved.length > 0 ? namesFrom(saved) : rankers.filter((name) => !isOfLayer(name))
  const columns = rankers.flatMap((name) => {
    const at = known.indexOf(name)
    // Without a layer the model was what it is without it.
    const place = at < 0 && name === 'without.hidden-layer' ? known.indexOf('model') : at
    return place < 0 ? [-1, -1] : [2 * place, 2 * place + 1]
  })
  return { width: 2 * known.length + 1, columns: [...columns, 2 * known.length] }
}

function isOfLayer(name: string): boolean {
  return name === 'hidden-layer' || name === 'without.hidden-layer'
}

/**
 * The state with its rows, which follow the first `header` numbers, in the columns of today. `times`: how often the
 * numbers of an event stand in a row. A state whose rows are of another width is given up: empty.
 */
export function inColumns(
  state: Float64Array,
  header: number,
  rows: number,
  { width, columns }: SavedColumns,
  times: number,
): Float64Array {
  if (state.length !== header + rows * times * width) return new Float64Array(0)
  const out = new Float64Array(header + rows * times * columns.length)
  out.set(state.subarray(0, header))
  for (let row = 0; row < rows * times; row++) {
    columns.forEach((column, k) => {
      if (column >= 0)
        out[header + row * columns.length + k] = state[header + row * width + column]!
    })
  }
  return out
}
