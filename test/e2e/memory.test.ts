// What `inspect` says that a worker takes of memory, against what its process took: at two sizes with as many events,
// so that both have made as much garbage.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { feed, type Sizes, stream } from './fed-program.ts'
import { run, temporary } from './program.ts'

const events = 240_000
const small = { users: 13_000, items: 1_000 }
const large = { users: 80_000, items: 12_000 }

/** Bytes at most, and bytes by `inspect`; without learning, which takes time and no memory. */
async function measure(sizes: Sizes): Promise<{ readonly taken: number; readonly said: number }> {
  const checkpoints = join(temporary(), 'state')
  const args = ['run', '--source', 'file:-', '--sink', 'file:-', '--stop-at-end', '--gate', 'false']
  const pieces = stream(sizes, 0, events)
  const how = ['--training', 'false', '--checkpoints', checkpoints]
  const { peak } = await feed([...args, ...how], { pieces, events, say: () => undefined })
  const { stdout } = await run(['inspect', checkpoints, '--json'])
  return { taken: 1024 * peak, said: JSON.parse(stdout).memory.all }
}

test('inspect says what memory grows by with users and items, and what all of it is', async () => {
  const [less, more] = [await measure(small), await measure(large)]
  const megabytes = (bytes: number) => Math.round(bytes / 1e6)
  const [taken, said] = [more.taken - less.taken, more.said - less.said]
  const growth = `${megabytes(taken)} MB more taken, ${megabytes(said)} said`
  assert.ok(said > 0.7 * taken && said < 1.4 * taken, growth)
  const all = `${megabytes(more.taken)} MB taken, ${megabytes(more.said)} said`
  assert.ok(more.said > 0.8 * more.taken && more.said < 1.25 * more.taken, all)
  process.stdout.write(`# ${growth}; ${all}\n`)
})
