// Which column of a checkpoint belongs to which feature. A model may have gained features since, at any place among the
// others, and lost some.

import type { Tensor } from '../../ports/checkpoint-store.ts'

/** The names as a tensor. */
export function namesTensor(names: readonly string[]): Tensor {
  const data = new TextEncoder().encode(names.join('\n'))
  return { shape: [data.length], data }
}

/**
 * By feature its column in tensors, -1 for none. `saved`: what namesTensor() gave when they were saved; older
 * checkpoints have no names.
 */
export function columnsOf(names: readonly string[], saved: Tensor | undefined): number[] {
  const known =
    saved === undefined
      ? unnamed(names)
      : new TextDecoder().decode(Uint8Array.from(saved.data)).split('\n')
  return names.map((name) => known.indexOf(name))
}

/** The features of checkpoints that do not name them: today's without those that came together with the names. */
function unnamed(names: readonly string[]): string[] {
  const older = names.filter((name) => !/^(match|freshness|neighbours)\./.test(name))
  const neighbours = older.indexOf('neighbours')
  // Of the newest three; a model of light effort still has that feature, by the lag that it ends at.
  if (neighbours >= 0) older.splice(neighbours, 0, 'neighbours.lag3')
  return older
}
