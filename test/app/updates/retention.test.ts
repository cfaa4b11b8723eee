// Whether a restart can go on from the newest checkpoint: told once where the log has lost what comes after it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRetentionWatch } from '../../../src/app/updates/retention.ts'
import { Failure } from '../../../src/errors.ts'
import { keepingLogger, type Line } from '../../adapters/kafka/real-kafka.ts'

/** Looks at logs that begin there, one after the other; undefined: it cannot be reached. */
async function watched(
  saved: number | undefined,
  begins: readonly (number | undefined)[],
  written: Readonly<Record<number, number>> = {},
) {
  const looks: number[] = []
  const lines: Line[] = []
  const stop = new AbortController()
  let asked = 0
  const watch = createRetentionWatch({
    ...{ saved, everyMs: 1, logger: keepingLogger(lines) },
    log: {
      async bounds() {
        const begin = begins[asked++]
        if (begin === undefined) throw new Failure('SOURCE_UNREACHABLE', 'no broker answers')
        return { begin, end: 1_000 }
      },
    },
    async pause() {
      const next = written[asked]
      if (next !== undefined) watch.saved(next)
      if (asked === begins.length) stop.abort()
    },
    onLook: (records) => looks.push(records),
  })
  await watch.run(stop.signal)
  return { looks, told: lines.map(({ message }) => message) }
}

test('as long as the log has all that comes after the checkpoint, nothing is said', async () => {
  assert.deepEqual(await watched(300, [0, 200, 300]), { looks: [300, 100, 0], told: [] })
})

test('what was deleted behind it is told once, and again for another checkpoint', async () => {
  const { looks, told } = await watched(300, [301, 350, 400, 900], { 2: 380, 3: 450 })
  assert.deepEqual(looks, [-1, -50, 30, -20, 50, -450])
  assert.equal(told.length, 3)
  for (const line of told) assert.match(line, /retention\.ms/)
})

test('a worker without a checkpoint has nothing to lose until it has written one', async () => {
  const { looks, told } = await watched(undefined, [500, 500], { 1: 700 })
  assert.deepEqual([looks, told], [[200, 200], []])
})

test('a log that cannot be reached is told, and looked at again', async () => {
  const { looks, told } = await watched(300, [undefined, 100])
  assert.deepEqual(looks, [200])
  assert.equal(told.length, 1)
  assert.match(told[0]!, /no broker answers/)
})
