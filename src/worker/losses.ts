// Logs what a run does not use: the first of each kind at once, and the counts at the end. A run that could use nothing
// at all has failed.

import type { BatchOutcome } from '../app/parts.ts'
import type { Config } from '../config.ts'
import { createTally, offsetOf } from '../consume/tally.ts'
import { createTimeOrder } from '../consume/time-order.ts'
import { Failure } from '../errors.ts'
import type { Logger } from '../ports/logger.ts'
import { interactionsOf } from '../remember/remember.ts'
import type { Decoded, SourceRecord } from '../types.ts'
import { deadLetterPlace, placeOf } from './open.ts'

export interface Losses {
  decoded(records: readonly SourceRecord[], decoded: readonly Decoded[]): void
  batch(outcome: BatchOutcome): void
  /**
   * The source has ended. `wasFresh`: the run began with nothing.
   * @throws Failure SOURCE_UNUSABLE where records came and none could be used: no checkpoint may then say that they
   * were read, or the right settings would come too late
   */
  check(wasFresh: boolean): void
  /** Says what was lost. */
  close(): void
}

/** Events at the start of a file by whose order it is judged. */
const orderEventsMax = 10_000
const orderUsersMax = 10_000

const beyondText =
  'events are stored but not learned: more users or items are in use than --users-max or --items-max allow'
const strangerText =
  'a user to forget is not known: is the id in the key written as it is in the events?'

export function createLosses(config: Config, logger: Logger): Losses {
  const place = placeOf('source', config.source)
  const isTopic = place.scheme === 'kafka'
  const previewed = isTopic ? config.source : place.name
  const tally = createTally({
    namesMax: config.actionNamesMax,
    onFirst: (text) => logger.warn(text),
    ...(isTopic && { placeOf: offsetOf }),
  })
  // A topic has the order that it has; a file can be sorted.
  const order = isTopic ? undefined : createOrderLook(config.source, logger)
  let overCapacity = 0
  let unknown = 0
  let evictedUsers = 0
  let evictedItems = 0

  function once(before: number, now: number, text: () => string): number {
    if (before === 0 && now > 0) logger.warn(text())
    return before + now
  }

  function where(): string {
    return lettersText(config, tally.counts.dead)
  }

  return {
    decoded(records, decoded) {
      tally.add(records, decoded)
      order?.look(decoded)
    },
    batch(outcome) {
      overCapacity = once(overCapacity, outcome.overCapacity, () => beyondText)
      evictedUsers = once(evictedUsers, outcome.evictedUsers, () =>
        evictedText('users', config.usersMax),
      )
      evictedItems = once(evictedItems, outcome.evictedItems, () =>
        evictedText('items', config.itemsMax),
      )
      unknown = once(unknown, outcome.unknown, () => strangerText)
    },
    check(wasFresh) {
      if (tally.empty && wasFresh) logger.warn(`${config.source} gave no record`)
      if (!tally.nothingUntold && !(tally.nothing && wasFresh)) return
      const why = tally.closing() ?? tally.leftOut()
      const shown = `\`neupr-worker preview ${previewed}\` shows how it is read`
      throw new Failure('SOURCE_UNUSABLE', `${config.source}: ${why}${where()}; ${shown}`)
    },
    close() {
      order?.close()
      const [lost, leftOut] = [tally.closing(), tally.leftOut()]
      if (lost !== undefined) logger.warn(`${lost}${where()}`)
      if (leftOut !== undefined) logger.info(leftOut)
      if (overCapacity > 0) {
        logger.warn(
          `${overCapacity} events were stored but not learned: raise --users-max, --items-max`,
        )
      }
      if (evictedUsers + evictedItems > 0) {
        logger.warn(
          `the model dropped ${evictedUsers} users and ${evictedItems} items that were idle for longest: ` +
            'raise --users-max, --items-max to keep them',
        )
      }
      if (unknown > 0) logger.warn(`${unknown} users to forget were not known`)
    },
  }
}

/** Judges the order of a file by its first events, and tells once what is wrong with it. */
function createOrderLook(source: string, logger: Logger) {
  const order = createTimeOrder({ usersMax: orderUsersMax })
  let events = 0

  function tell(): void {
    const warning = order.warning()
    if (warning !== undefined) logger.warn(`${source}: ${warning}`)
  }

  return {
    look(decoded: readonly Decoded[]): void {
      if (events >= orderEventsMax) return
      for (const event of decoded.flatMap(interactionsOf)) {
        order.add(event)
        if (++events === orderEventsMax) tell()
      }
    },
    /** No more is to come. */
    close(): void {
      if (events < orderEventsMax) tell()
    },
  }
}

function evictedText(kind: 'users' | 'items', most: number): string {
  return (
    `the model is full with ${most} ${kind} and drops those that were idle for longest; when they come back, they ` +
    `start over: raise --${kind}-max to keep more`
  )
}

/** Where the dead letters are; '' where there are none. */
function lettersText(config: Config, byReason: Readonly<Record<string, number>>): string {
  const dead = Object.values(byReason).reduce((sum, n) => sum + n, 0)
  if (dead === 0) return ''
  const letters = deadLetterPlace(config)
  const name = letters.scheme === 'file' ? letters.name : `topic ${letters.name}`
  return `; ${dead} of them are in ${name === '-' ? 'standard output' : name}`
}
