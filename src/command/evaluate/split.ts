// The split that `evaluate` and `study` judge models on, read from a log.

import { Failure } from '../../errors.ts'
import { type Split, splitNcf, splitNcr } from '../../lab/offline/leave-one-out.ts'
import { createRandom } from '../../sample/random.ts'
import type { EventReading } from '../read-events.ts'
import { readHeldOut, readRows } from './rows.ts'

export interface SplitOptions {
  readonly minimum: number
  readonly drawSeed: number
  /** ncr: drawn for each user. */
  readonly negatives?: number
  /** ncf: the file of held-out items and negatives. */
  readonly negativesFile?: string
}

/** @throws Failure SETTINGS_INVALID when no user is left to be judged. */
export async function readSplit(options: SplitOptions, reading: EventReading): Promise<Split> {
  const { minimum, drawSeed, negatives, negativesFile } = options
  const rows = await readRows(reading)
  if (negativesFile !== undefined) {
    const split = splitNcf(rows, await readHeldOut(negativesFile))
    const advice = `no user of ${negativesFile} has an item to rank: it lists no held-out item`
    return judged(split, advice)
  }
  const random = createRandom(drawSeed, 'evaluate.negatives')
  const split = splitNcr(rows, random, { minimum, ...(negatives && { negatives }) })
  const left = `${split.users.length} users and ${split.items.length} items of ${reading.input}`
  const advice =
    `no user is left to be judged: ${left} have at least ${minimum} events, and a user needs 3 ` +
    'with such items; lower --minimum or use a larger log'
  return judged(split, advice)
}

function judged(split: Split, advice: string): Split {
  if (split.test.items.some((item) => item >= 0)) return split
  throw new Failure('SETTINGS_INVALID', advice)
}
