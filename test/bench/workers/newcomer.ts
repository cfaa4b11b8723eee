// A worker without a checkpoint that joins a group which has learned the first 70 % of a stream, while the rest comes.

import { setTimeout as delay } from 'node:timers/promises'
import type { Gauges } from '../live/gauges.ts'
import { sendAt } from '../live.ts'
import { type GroupPlay, grown, judgedFrom, openGroup } from './group.ts'

/** Its first events that are judged. */
const judgedEvents = 1_000
const pollMs = 50
/** How long the rest of the stream lasts: a process on a busy machine takes a while to start. */
const restSeconds = 90

export interface Joining {
  /** HR@10 of its first 1,000 events, and of what the others got meanwhile. */
  readonly own: number
  readonly others: number
  /** How many these are, and the standard error of `own`. */
  readonly events: number
  readonly standardError: number
  /** From the start of the process to its first list. */
  readonly seconds: number
}

export async function playNewcomer(play: GroupPlay): Promise<Joining> {
  const group = await openGroup(play, true)
  const { scene, journal } = group
  const cut = Math.floor(judgedFrom * journal.length)
  await sendAt(scene, journal.slice(0, cut), play.rate)
  await group.settled()
  const startedMs = performance.now()
  let sent = false
  const rest = journal.slice(cut)
  const rate = Math.min(play.rate, rest.length / restSeconds)
  const sending = sendAt(scene, rest, rate).then(() => (sent = true))
  const newcomer = await group.start('newcomer')
  await newcomer.until(
    async ({ lists }) => {
      if (lists === 0 && sent)
        throw new Error('the stream has ended before the newcomer made a list')
      return lists > 0
    },
    play.say,
    pollMs,
  )
  const seconds = (performance.now() - startedMs) / 1000
  play.say(`workers: the first list of a newcomer after ${seconds.toFixed(1)} s`)
  const start = (await group.look()).slice(0, -1)
  let now: readonly Gauges[] = []
  do {
    await delay(pollMs)
    now = await group.look()
  } while (now.at(-1)!.measured < judgedEvents && !sent)
  await sending
  if (now.at(-1)!.measured < judgedEvents) now = await group.settled()
  await group.close()
  const [own, others] = [now.slice(-1), now.slice(0, -1)]
  const events = grown([], own, 'measured')
  if (events === 0) throw new Error('the newcomer was given nothing')
  const hr10 = grown([], own, 'hits') / events
  return {
    ...{ own: hr10, events, standardError: Math.sqrt((hr10 * (1 - hr10)) / events) },
    others: grown(start, others, 'hits') / grown(start, others, 'measured'),
    seconds,
  }
}
