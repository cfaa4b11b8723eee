// Names that come, and ids that come to stand for others, at any moment of a checkpoint that is written beside: it
// holds the names of the one moment whose state it holds.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { createDiskCheckpointStore } from '../../../src/adapters/disk/checkpoint-store.ts'
import { ChangedRows, liveState, vectors } from '../../../src/ports/live-state.ts'
import { createRandom } from '../../../src/sample/random.ts'
import { createSaveBeside } from '../../../src/trainer/checkpoint/beside.ts'
import type { LiveSnapshot } from '../../../src/trainer/checkpoint/save-state.ts'
import { createInputState } from '../../../src/trainer/loop/input-state.ts'

const root = mkdtempSync(join(tmpdir(), 'names-'))
after(() => rmSync(root, { recursive: true }))
const random = createRandom(1, 'names')
/** Several pieces of the encoding. */
const known = { users: 40_000, items: 20_000 }
/** Rows that take some rounds to write, since most of them change again meanwhile. */
const rows = 100_000

function createState() {
  const input = createInputState()
  for (let k = 0; k < known.users; k++) input.users.push(`user ${k}`)
  for (let k = 0; k < known.items; k++) input.items.push(`item ${k}`)
  const { users, items, changedNames } = input
  const streams = ['one']
  const numbers = new Float64Array(rows)
  const changed = new ChangedRows()
  const live: LiveSnapshot = {
    state: liveState(
      changed,
      () => rows,
      () => vectors('some', { numbers }),
    ),
    texts: new Map([
      ['users', { list: users, changed: changedNames.users }],
      ['items', { list: items, changed: changedNames.items }],
      ['streams', { list: streams }],
    ]),
    facts: () => ({}),
  }
  let changes = 0

  /** A few of everything that may happen to names, at both ends of the lists and anywhere. */
  function change(): void {
    const name = () => (random.below(20) === 0 ? `\ud800 ${++changes}` : `name ${++changes}`)
    for (const kind of ['users', 'items'] as const) {
      const list = input[kind]
      for (const id of [0, random.below(list.length), list.length - 1]) {
        input.rename(kind, id, random.below(4) === 0 ? '' : name())
      }
    }
    input.users.push(name())
    if (random.below(3) === 0) items.push(name())
    if (random.below(50) === 0) streams.push(name())
    changed.markRange(0, rows)
  }

  return {
    live,
    change,
    names: () =>
      new Map([...live.texts].map(([name, of]) => [name, of.list.slice(0, of.list.length)])),
  }
}

test('a checkpoint holds the names of its moment, whatever is renamed while it is written', async () => {
  const directory = mkdtempSync(join(root, 'place-'))
  const open = () => createDiskCheckpointStore({ directory, kept: 2, bytesMax: 2 ** 28 })
  const { live, change, names } = createState()
  const store = open()
  let ms = 0
  // Every look takes so long that a call does one step.
  const nowMs = () => (ms += 100)
  const beside = createSaveBeside({ store, snapshot: live, resume: undefined, nowMs })
  for (let generation = 1; generation <= 4; generation++) {
    let moment: Map<string, string[]> | undefined
    let before = 0
    const facts = () => {
      moment = names()
      return live.facts()
    }
    const written = beside.begin({ ...live, facts }, generation)
    for (; moment === undefined; before++) {
      change()
      beside.work(true)
      await setImmediate()
    }
    assert.ok(before > 20, `${before} steps before the moment`)
    let behind = 0
    for (; beside.isBusy(true); behind++) {
      change()
      beside.work(true)
      await setImmediate()
    }
    assert.ok(behind > 1, `${behind} steps after the moment`)
    await beside.finish()
    await written
    const { checkpoint } = await open().latest()
    assert.equal(checkpoint?.generation, generation)
    for (const [list, texts] of moment) {
      assert.deepEqual(
        checkpoint.texts.get(list)?.slice(),
        texts,
        `${list} of generation ${generation}`,
      )
    }
  }
})
