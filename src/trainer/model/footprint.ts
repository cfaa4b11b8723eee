// What a worker takes of memory and disk for given users and items, computed from how its tables are laid out. Rows
// are exact; names and sets are means of what a worker was measured to take (test/trainer/model/footprint.test.ts).

import type { Config } from '../../config.ts'
import { bytesOf } from '../../learn/network/room.ts'
import { isPaper, planPaper } from '../../paper/paper-network.ts'
import { lookedThroughMax } from '../../remember/owned.ts'
import { planLearner } from './plan.ts'

export interface Population {
  readonly users: number
  readonly items: number
  /** The mean of a user's positive set. */
  readonly positives: number
}

/** Bytes. */
export interface Footprint {
  /** Of the program itself, before any user. */
  readonly process: number
  readonly perUser: number
  readonly perItem: number
  /** Of all items together, at most. */
  readonly neighbours: number
  readonly memory: number
  /** A whole checkpoint; on disk there may be six. */
  readonly checkpoint: number
}

/** At work: both heaps have filled with what is soon given up. At rest it is 130. */
const processBytes = 160e6
/** Arrays double, and what they have outgrown is not always used again. */
const spare = 1.25
/** Of a name of a dozen letters: its bytes and where they are, on both sides; where events are read its number, too. */
const nameBytes = 24 + 34
/** Where a user's items, removals and bits lie, when they came last, on both sides, and what the last list says. */
const userBytes = 12 + 12 + 12 + 12 + 16 + 20 + 18
/** A user who waits for a list. */
export const waitingBytes = 84
/** Without Redis, what the process keeps of a user, with the name, and of each of their positives in a run. */
const [storedUserBytes, storedPositiveBytes] = [34 + 16, 15]
/** Of a user's skill: a number for each feature of the parts, twice as wide in a checkpoint, and half of it spare. */
const skillBytes = 2 * 23
/** A positive in its run (11, of which a quarter is spare), and as bits (7). */
const positiveBytes = 15 + 7
/** Of a user with more items than are looked through: a slot in the table of pairs (8, half full). */
const pairBytes = (positives: number) => (positives > lookedThroughMax ? 18 : 0)
/** An item's counts of popularity, trend, neighbours, holders, match and freshness, and what a list sums up by item. */
const itemBytes = 32 + 16 + 8 + 24 + 4 + 32 + 24 + 32
/** Beside its row an item has a small copy in the index of lists: heads, tails, scales, bounds. */
const indexBytes = (columns: number) => 16 * Math.ceil(columns / 16) + 40
/** A slot of a table of neighbours, which is half full on the mean, and the smaller tables that were outgrown. */
const neighbourBytes = 8 * 1.5 * 1.3
const slotBytesMax = 16
/** A history of more counts no further back (planLearner). */
const window = 20

/** `isStore`: there is no Redis, and the process keeps what users have a second time. */
export function footprintOf(
  config: Config,
  { users, items, positives }: Population,
  isStore = false,
): Footprint {
  const specs = isPaper(config)
    ? [planPaper(config).spec]
    : planLearner(config).networks.map(({ spec }) => spec)
  const rowsOf = (of: 'users' | 'items') =>
    specs.reduce((sum, spec) => {
      const rows = 1_000
      const own = bytesOf(spec, of === 'users' ? rows : 0, of === 'items' ? rows : 0)
      return sum + (own - bytesOf(spec, 0, 0)) / rows
    }, 0)
  const [userRow, itemRow] = [rowsOf('users'), rowsOf('items')]
  const columns = 8 * config.factors
  const skill = !isPaper(config) && planLearner(config).hidden.units > 0 ? skillBytes : 0
  const perUser =
    userRow +
    spare * (userBytes + nameBytes) +
    1.5 * skill +
    spare * (isStore ? storedUserBytes + positives * storedPositiveBytes : 0) +
    spare * positives * (positiveBytes + pairBytes(positives))
  const perItem =
    itemRow + spare * (itemBytes + nameBytes) + 32 + (isPaper(config) ? 0 : indexBytes(columns))
  // And one successor of each but the first.
  const pairs = users * positives * (1 + 2 * Math.min(window, Math.max(0, positives - 1) / 2))
  const neighbours = Math.min(
    config.neighboursBytesMax,
    items * config.neighboursPerItemMax * slotBytesMax,
    pairs * neighbourBytes,
  )
  return {
    ...{ process: processBytes, perUser, perItem, neighbours },
    memory: processBytes + users * perUser + items * perItem + neighbours,
    checkpoint:
      users * (userRow + 2 * skill + 12 + 12 + 12 + 12 + 40 + 14 + positives * 16) +
      items * (itemRow + 32 + 16 + 12 + 40 + 14) +
      neighbours,
  }
}
