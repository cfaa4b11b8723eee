// The split that `evaluate` and `study` judge models on, read from a log.

import { Failure } from '../../errors.ts'
import { type Split, splitNcf, splitNcr } from '../../lab/offline/leave-one-out.ts'
import { createRandom } from '../../sample/random.ts'
import { readHeldOut, readRows } from './rows.ts'

export interface SplitOptions {
  readonly data: string
  readonly minimum: number
  readonly drawSeed: number
  /** ncr: drawn for each user. */
  readonly negatives?: number
  /** ncf: the file of held-out items and negatives. */
  readonly negativesFile?: string
}

export interface ReadSplit {
  readonly split: Split
  /** Lines of the log that could not be used. */
  readonly leftOut: number
}

/** @throws Failure SETTINGS_INVALID when no user is left to be judged. */
export async function readSplit(
  options: SplitOptions,
  elapsedMs: () => number,
): Promise<ReadSplit> {
  const { data, minimum, drawSeed, negatives, negativesFile } = options
  const { rows, leftOut } = await readRows(data, elapsedMs)
  if (negativesFile !== undefined) {
    const split = splitNcf(rows, await readHeldOut(negativesFile))
    const advice = `no user of ${negativesFile} has an item to rank: it lists no held-out item`
    return { split: judged(split, advice), leftOut }
  }
  const random = createRandom(drawSeed, 'evaluate.negatives')
  const split = splitNcr(rows, random, { minimum, ...(negatives && { negatives }) })
  const left = `${split.users.length} users and ${split.items.length} items of ${data}`
  const advice =
    `no user is left to be judged: ${left} have at least ${minimum} events, and a user needs 3 ` +
    'with such items; lower --minimum or use a larger log'
  return { split: judged(split, advice), leftOut }
}

function judged(split: Split, advice: string): Split {
  if (split.test.items.some((item) => item >= 0)) return split
  throw new Failure('SETTINGS_INVALID', advice)
}
