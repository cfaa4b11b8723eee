// One fetched batch of one partition on its way to the worker: cut into chunks, a few of them in hand at a time,
// resolved as a contiguous prefix of what was acknowledged, with a heartbeat at every sign of life and none without.

import type { EachBatchPayload, KafkaMessage } from 'kafkajs'
import type { Assignment } from '../../../ports/event-source.ts'
import type { BatchQueue } from './batch-queue.ts'
import { createCatchUp } from './catch-up.ts'
import type { Committer } from './committer.ts'
import type { Linger } from './linger.ts'
import type { Partitions } from './partitions.ts'
import { KafkaRecord } from './record.ts'

/** Deliveries that stand and fall together: when the group rebalances, all are given up at once. */
export class DeliveryGroup {
  open = true
  /** No further batch is taken for now: only those in hand are waited for. */
  draining = false
  readonly signals = new Set<() => void>()

  close(): void {
    this.open = false
    for (const set of this.signals) set()
  }

  drain(): void {
    this.draining = true
    for (const set of this.signals) set()
  }

  /** Resolves after this time, or as soon as the group is closed or drained. */
  async pause(ms: number): Promise<void> {
    if (!this.open || this.draining) return
    const signal = createSignal(this)
    const timer = setTimeout(signal.set, ms)
    await signal.wait()
    clearTimeout(timer)
    this.signals.delete(signal.set)
  }
}

export interface DeliverOptions {
  readonly batchQueue: BatchQueue
  readonly partitions: Partitions
  readonly committer: Committer
  readonly recordsMax: number
  /** Chunks of one partition that may be in the worker's hands. */
  readonly chunksMax: number
  /** Records at this offset and later are not wanted; the partition is paused before it. */
  readonly stopBefore: (partition: number) => number
  readonly now: () => number
  /** Milliseconds since the epoch, as brokers and producers date records. */
  readonly wallMs: () => number
  /** Records that have waited in the topic for longer count as history. */
  readonly backlogAgeMs: number
  readonly assignment: () => Assignment
  readonly linger: Linger
}

interface Chunk {
  /** Offset after its last record. */
  readonly after: number
  /** Offset after the chunk, and after what stands behind it and is no record. */
  readonly next: number
  taken: boolean
  acked: boolean
}

/**
 * Resolves when all is acknowledged and the next fetch may come, or the group was closed. @throws what heartbeat()
 * throws.
 */
export async function deliver(
  payload: EachBatchPayload,
  group: DeliveryGroup,
  options: DeliverOptions,
): Promise<void> {
  const { batch, heartbeat, pause } = payload
  const { partition } = batch
  const state = options.partitions.get(partition)
  const stopBefore = options.stopBefore(partition)
  const end = Math.min(Number(batch.highWatermark), stopBefore)
  if (state !== undefined) {
    state.end = Math.max(state.end, end)
    state.catchUp ??= createCatchUp({
      backlogAgeMs: options.backlogAgeMs,
      endAtStart: end,
      start: Number(batch.firstOffset()),
    })
  }
  const whole = Number(batch.lastOffset()) < stopBefore
  const messages = whole
    ? batch.messages
    : batch.messages.filter(({ offset }) => Number(offset) < stopBefore)
  const signal = createSignal(group)
  if (messages[0] !== undefined) options.committer.begin(partition, Number(messages[0].offset))
  const chunks: Chunk[] = []
  const assignment = options.assignment()
  let offered = 0
  let over = false
  let prefix = 0
  // Another delivery may have met a rebalance already: this asks the broker instead of beginning in vain.
  await heartbeat()
  const more = (): boolean =>
    group.draining
      ? chunks[prefix]?.taken === true
      : prefix < chunks.length || offered < messages.length
  while (group.open && more()) {
    while (
      !group.draining &&
      offered < messages.length &&
      chunks.length - prefix < options.chunksMax
    ) {
      const to = Math.min(messages.length, offered + options.recordsMax)
      chunks.push(offer(payload, messages.slice(offered, to), to === batch.messages.length))
      offered = to
    }
    if (!more()) break
    await signal.wait()
    if (!group.open) break
    prefix = resolvePrefix(chunks, prefix)
    await heartbeat()
  }
  over = true
  group.signals.delete(signal.set)
  if (!whole && group.open) pause()
  await options.linger.after(batch, (ms) => group.pause(ms))

  function resolvePrefix(all: readonly Chunk[], from: number): number {
    let done = from
    while (all[done]?.acked === true) done++
    if (done === from) return from
    const { next } = all[done - 1]!
    payload.resolveOffset(String(next - 1))
    options.committer.note(partition, all[done - 1]!.after, payload.commitOffsetsIfNecessary)
    options.committer.passOver(partition, next)
    const known = options.partitions.get(partition)
    if (known !== undefined) known.safe = next
    return done
  }

  function offer(from: EachBatchPayload, some: readonly KafkaMessage[], last: boolean): Chunk {
    const stream = `${from.batch.topic}/${partition}`
    const after = Number(some.at(-1)!.offset) + 1
    // After the last record stand control records that are never seen: they are done with it.
    const next = last ? Math.max(after, Number(from.batch.lastOffset()) + 1) : after
    const chunk: Chunk = { after, next, taken: false, acked: false }
    const alive = (): void => {
      options.partitions.markAlive(partition, options.now())
      signal.set()
    }
    const ageMs = options.wallMs() - Number(some[0]!.timestamp)
    const isHistory = state?.catchUp?.isHistory({ next, high: end, ageMs }) === true
    options.batchQueue.offer({
      wanted: () => group.open && !group.draining && !over,
      taken: () => {
        chunk.taken = true
        const known = options.partitions.get(partition)
        if (known === undefined) return
        known.taken = Math.max(known.taken, next)
        known.inHand++
      },
      batch: {
        records: some.map((message) => new KafkaRecord(stream, message)),
        assignment,
        ...(isHistory && { history: { left: state!.catchUp!.left(next) } }),
        async ack() {
          if (!group.open || chunk.acked) return
          chunk.acked = true
          const known = options.partitions.get(partition)
          if (known !== undefined) known.inHand--
          alive()
        },
        waiting() {
          if (group.open) alive()
        },
      },
    })
    return chunk
  }
}

/** Remembers a signal that came while nobody waited. */
function createSignal(group: DeliveryGroup): { set: () => void; wait: () => Promise<void> } {
  let times = 0
  let wake: (() => void) | undefined
  const set = (): void => {
    times++
    wake?.()
  }
  group.signals.add(set)
  return {
    set,
    async wait() {
      if (times === 0) await new Promise<void>((resolve) => (wake = resolve))
      times = 0
      wake = undefined
    },
  }
}
