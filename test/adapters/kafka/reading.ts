// Reading in the tests of the Kafka source: small batches, short times, and conditions that are waited for.

import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { KafkaEventSource } from '../../../src/adapters/kafka/event-source.ts'
import type { EventBatch, EventSource } from '../../../src/ports/event-source.ts'
import { connectionTo } from './real-kafka.ts'

/** A signal that is never aborted. */
export const never = new AbortController().signal

type Options = Partial<ConstructorParameters<typeof KafkaEventSource>[0]>

export function source(topic: string, groupId: string, options: Options = {}): KafkaEventSource {
  const short = { commitEveryMs: 50, sessionMs: 6_000, batchRecordsMax: 10 }
  return new KafkaEventSource({
    connection: connectionTo(),
    topic,
    groupId,
    ...short,
    ...options,
  })
}

export function numbered(count: number, from = 0): { key: string; value: string }[] {
  return Array.from({ length: count }, (_, n) => ({ key: `u${n % 13}`, value: `${from + n}` }))
}

const pauseMs = { first: 25, most: 250 }

/** Looks again after longer and longer pauses: a look is a request, which takes time from what it waits for. */
export async function until(
  what: string,
  holds: () => Promise<boolean>,
  withinMs = 20_000,
): Promise<void> {
  const deadline = performance.now() + withinMs
  let pause = pauseMs.first
  while (!(await holds())) {
    assert.ok(performance.now() < deadline, `not in ${withinMs} ms: ${what}`)
    await delay(pause)
    pause = Math.min(pauseMs.most, 1.3 * pause)
  }
}

export function valuesOf(batch: EventBatch): string[] {
  return batch.records.map(({ value }) => Buffer.from(value ?? []).toString())
}

export async function take(reader: EventSource, count: number): Promise<EventBatch[]> {
  const found: EventBatch[] = []
  while (found.length < count) {
    const batch = await reader.readBatch(never)
    assert.ok(batch)
    found.push(batch)
  }
  return found
}
