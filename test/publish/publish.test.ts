// Lists on their way out: in order, a limited number in memory, the newest of a user when the sink is slow, and a
// failure that nobody can miss.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRetrying } from '../../src/app/retry.ts'
import { Failure } from '../../src/errors.ts'
import type { RankedList } from '../../src/messages.ts'
import type { ListSink } from '../../src/ports/sinks.ts'
import { createOwnership } from '../../src/publish/ownership.ts'
import { createPublisher, type PublishOptions } from '../../src/publish/publish.ts'

/** A sink that takes a call only when it is let: `let(n)` lets n calls through, `fail` the next one. */
function slowSink() {
  const written: string[][] = []
  const calls: { go: () => void; fail: (cause: Error) => void }[] = []
  const sink: ListSink = {
    write: (records) =>
      new Promise((go, fail) => {
        calls.push({
          go() {
            written.push(records.map(({ key, value }) => `${key}:${value ?? 'forgotten'}`))
            go()
          },
          fail,
        })
      }),
    close: async () => undefined,
  }
  return { sink, written, calls }
}

function publisherOf(
  sink: ListSink,
  waitingMax = 1_000,
  whose: Partial<PublishOptions['ownership']> = {},
) {
  const outages: (string | undefined)[] = []
  const publisher = createPublisher({
    sink,
    encode: ({ user, modelVersion }) => ({ key: user, value: Buffer.from(String(modelVersion)) }),
    userName: (user) => `u${user}`,
    itemName: (item) => `i${item}`,
    generatedAt: () => 0,
    waitingMax,
    retrying: createRetrying({
      signal: new AbortController().signal,
      unit: () => 0,
      pause: async () => undefined,
      onOutage: (_, failure) => outages.push(failure?.code),
    }),
    onWritten: () => undefined,
    ownership: { ...createOwnership({ now: () => 0 }), ...whose },
  })
  return { publisher, outages }
}

function listOf(user: number, modelVersion: number): RankedList {
  return {
    ...{ user, modelVersion, newestEvent: 0, source: 'PERSONAL' as const },
    items: Int32Array.of(1, 2),
    scores: Float32Array.of(0.5, 0.5),
    beatsNext: Float32Array.of(0.5, 0.5),
    position: { stream: 's', offset: 0 },
  }
}

/** Lets everything through that the publisher writes from now on. */
async function flushed(
  publisher: ReturnType<typeof publisherOf>['publisher'],
  sink: ReturnType<typeof slowSink>,
) {
  let done = false
  const flush = publisher.flush().finally(() => {
    done = true
  })
  while (!done) {
    sink.calls.shift()?.go()
    await new Promise((resolve) => setImmediate(resolve))
  }
  await flush
}

test('lists go out in the order they came, one call at a time', async () => {
  const slow = slowSink()
  const { publisher } = publisherOf(slow.sink)
  publisher.lists([listOf(3, 1), listOf(1, 1)])
  publisher.forgotten(Int32Array.of(3), 1)
  publisher.lists([listOf(2, 2), listOf(1, 2)])
  assert.equal(slow.calls.length, 1)
  await flushed(publisher, slow)
  assert.deepEqual(slow.written.flat(), ['u3:1', 'u1:1', 'u3:forgotten', 'u2:2', 'u1:2'])
  assert.equal(publisher.waiting, 0)
})

test('while the sink is slow, no more wait than one list a user, and it is the newest', async () => {
  const slow = slowSink()
  const { publisher } = publisherOf(slow.sink, 20)
  publisher.lists([listOf(99, 0)])
  for (let version = 1; version <= 500; version++) {
    publisher.lists([listOf(version % 10, version)])
    if (version === 300) publisher.forgotten(Int32Array.of(4), 1)
    assert.ok(publisher.waiting <= 21, `${publisher.waiting} wait`)
  }
  publisher.forgotten(Int32Array.of(7), 1)
  await flushed(publisher, slow)
  const last = new Map(slow.written.flat().map((text) => text.split(':') as [string, string]))
  const expected = Array.from({ length: 10 }, (_, user) => {
    return [`u${user}`, user === 7 ? 'forgotten' : String(user === 0 ? 500 : 490 + user)]
  })
  assert.deepEqual(new Map([...last].sort()), new Map([...expected, ['u99', '0']] as never))
  // Versions of a user never go back.
  for (const [user] of expected) {
    const versions = slow.written.flat().filter((text) => text.startsWith(`${user}:`))
    const numbers = versions.map((text) => Number(text.split(':')[1])).filter(Number.isFinite)
    assert.deepEqual(
      numbers,
      [...numbers].sort((a, b) => a - b),
    )
  }
})

test('what waits for lists to be written is called after them, and not when they fail', async () => {
  const slow = slowSink()
  const { publisher } = publisherOf(slow.sink)
  const seen: string[] = []
  publisher.lists([listOf(1, 1)])
  publisher.afterWritten(() => seen.push(slow.written.flat().join()))
  assert.equal(seen.length, 0)
  await flushed(publisher, slow)
  assert.deepEqual(seen, ['u1:1'])
  publisher.lists([listOf(1, 2)])
  publisher.afterWritten(() => seen.push('never'))
  slow.calls.shift()!.fail(new Failure('SINK_UNWRITABLE', 'no space'))
  await assert.rejects(publisher.flush(), { code: 'SINK_UNWRITABLE' })
  assert.deepEqual(seen, ['u1:1'])
})

test('a sink that is out of reach is tried again with the same lists', async () => {
  const slow = slowSink()
  const { publisher, outages } = publisherOf(slow.sink)
  publisher.lists([listOf(1, 1), listOf(2, 1)])
  publisher.lists([listOf(1, 2)])
  slow.calls.shift()!.fail(new Failure('SINK_UNREACHABLE', 'away'))
  await flushed(publisher, slow)
  assert.deepEqual(slow.written.flat(), ['u1:1', 'u2:1', 'u1:2'])
  assert.deepEqual(outages, ['SINK_UNREACHABLE', undefined])
})

test('a sink that has failed for good is told by every flush, and asked no more', async () => {
  const slow = slowSink()
  const { publisher } = publisherOf(slow.sink)
  const full = new Failure('SINK_UNWRITABLE', 'no space')
  publisher.lists([listOf(1, 1)])
  slow.calls.shift()!.fail(full)
  assert.equal(await publisher.failed, full)
  await assert.rejects(publisher.flush(), full)
  publisher.lists([listOf(2, 1)])
  await assert.rejects(publisher.flush(), full)
  assert.equal(slow.calls.length, 0)
})

test('lists wait while it is not known whose they are, and go or are dropped once it is', async () => {
  const slow = slowSink()
  let owner: boolean | undefined
  let tell: () => void = () => undefined
  const { publisher } = publisherOf(slow.sink, 1_000, {
    mayPublish: () => owner,
    changed: () => new Promise((resolve) => (tell = resolve)),
  })
  publisher.lists([listOf(1, 1)])
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(slow.calls.length, 0)
  owner = true
  tell()
  await flushed(publisher, slow)
  assert.deepEqual(slow.written, [['u1:1']])
})

test('what is for others to write takes the marks behind it along', async () => {
  const slow = slowSink()
  const passed: string[] = []
  const { publisher } = publisherOf(slow.sink, 1_000, { mayPublish: (version) => version >= 10 })
  publisher.lists([listOf(1, 9), listOf(2, 10)])
  publisher.forgotten(Int32Array.of(3), 9)
  publisher.afterWritten(() => passed.push('not all was written'))
  await flushed(publisher, slow)
  assert.deepEqual(slow.written, [['u2:10']])
  publisher.afterWritten(() => passed.push('later'))
  await flushed(publisher, slow)
  assert.deepEqual(passed, ['later'])
})

test('what was called back is looked at anew, and is no outage', async () => {
  const slow = slowSink()
  let own = true
  const { publisher, outages } = publisherOf(slow.sink, 1_000, { mayPublish: () => own })
  publisher.lists([listOf(1, 1)])
  await new Promise((resolve) => setImmediate(resolve))
  own = false
  slow.calls.shift()?.fail(new Failure('SINK_UNREACHABLE', 'cut off'))
  await flushed(publisher, slow)
  assert.deepEqual([slow.written, outages], [[], []])
})
