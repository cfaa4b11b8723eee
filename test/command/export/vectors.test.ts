// Vectors that leave a checkpoint: their products are the part's own scores, and a part that has none is refused.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { coreOfCheckpoint } from '../../../src/command/checkpoint-core.ts'
import { exportVectors } from '../../../src/command/export/vectors.ts'
import type { Failure } from '../../../src/errors.ts'
import type { Checkpoint } from '../../../src/ports/checkpoint-store.ts'
import {
  all,
  bounds,
  createMainSide,
  coreOf as evictingCore,
  play as playEvicting,
} from '../../trainer/evicting.ts'
import { configOf } from '../../trainer/stream.ts'
import { assertClose, checkpointOf, exported, odd, ownScores, root } from './exported.ts'

const fused = checkpointOf({})
const paper = checkpointOf({ parts: 'rows', model: 'nbpr' })

for (const [{ checkpoint, core }, part] of [
  [fused, 'history.nbpr'],
  [fused, 'history.dncr'],
  [fused, 'history.clock'],
  [fused, 'rows.nbpr'],
  [paper, 'rows.nbpr'],
] as const) {
  test(`${part}: user · item is the score of the part${core === paper.core ? ' of the paper' : ''}`, () => {
    const { about, users, items, userIds, itemIds } = exported(checkpoint, part)
    assert.deepEqual(userIds, core.input.users.slice())
    assert.deepEqual(itemIds, core.input.items.slice())
    assert.ok(odd.every((one, k) => k === 0 || userIds.some((id) => id.startsWith(one))))
    assert.deepEqual([users.rows, items.rows], [userIds.length, itemIds.length])
    assert.deepEqual([users.columns, items.columns], [about.dimension, about.dimension])
    assert.equal(about.part, part)
    let spread = 0
    for (const user of [0, 7, 31, userIds.length - 1]) {
      const own = ownScores(core, part, user)
      spread = Math.max(spread, Math.max(...own) - Math.min(...own))
      own.forEach((score, item) => {
        let sum = 0
        for (let d = 0; d < about.dimension; d++) sum += users.at(user, d) * items.at(item, d)
        assertClose(sum, score, `user ${user}, item ${item}, not ${score}`)
      })
    }
    assert.ok(spread > 0.01, `scores that differ by ${spread} show nothing`)
  })
}

test('ids that stand for nobody are left out, and the rows behind them move up', () => {
  const evicting = evictingCore()
  const main = createMainSide(bounds)
  let end = 0
  // Until an item was let go of whose id nothing has taken yet.
  while (!evicting.input.items.slice().includes('') && end < all.length) {
    playEvicting(evicting, main, [end, end + 60], 20)
    end += 60
  }
  const names = evicting.input.items.slice()
  assert.ok(names.includes(''), 'every id stands for an item')
  const checkpoint = evicting.snapshot(1)
  const core = coreOfCheckpoint(checkpoint, configOf({}))
  const { about, file, users, items, itemIds, userIds } = exported(checkpoint, 'history.nbpr')
  const kept = [...names.keys()].filter((id) => names[id] !== '')
  assert.deepEqual(
    itemIds,
    kept.map((id) => names[id]),
  )
  assert.equal(file(about.userVector.context[0]).rows, 1 + kept.length)
  const user = core.input.users.find(userIds.at(-1)!)!
  const own = ownScores(core, 'history.nbpr', user)
  kept.forEach((id, row) => {
    let sum = 0
    for (let d = 0; d < about.dimension; d++) {
      sum += users.at(userIds.length - 1, d) * items.at(row, d)
    }
    assertClose(sum, own[id]!, `item ${id}, not ${own[id]}`)
  })
})

function refusal(checkpoint: Checkpoint, part: string | undefined): string {
  try {
    exportVectors(checkpoint, configOf({}), part, join(root, 'refused'))
  } catch (error) {
    assert.equal((error as Failure).code, 'SETTINGS_INVALID')
    return (error as Failure).message
  }
  return assert.fail('it was exported')
}

test('a part without vectors is refused with the reason, and with those that have some', () => {
  const having = 'those that have vectors: history.nbpr, history.dncr, history.clock, rows.nbpr'
  const { checkpoint } = fused
  assert.equal(refusal(checkpoint, undefined), `--part is missing; ${having}`)
  assert.match(refusal(checkpoint, 'trend'), /^--part "trend" counts events: /)
  assert.ok(refusal(checkpoint, 'trend').endsWith(having))
  assert.match(refusal(checkpoint, 'nbpr'), /^--part "nbpr" is no part of this model; /)
  const joint = checkpointOf({ parts: 'rows', model: 'neupr', tower: 'joint' }).checkpoint
  assert.match(
    refusal(joint, 'rows.neupr'),
    /^--part "rows.neupr" compares two items at a time.*; no part of this model has vectors$/,
  )
  const adam = checkpointOf({ parts: 'rows', model: 'nbpr', optimizer: 'adam' }).checkpoint
  assert.match(refusal(adam, 'rows.nbpr'), /^--part "rows.nbpr" learns with Adam/)
})

test('a folder that cannot be written is named', () => {
  const file = join(root, 'a file')
  writeFileSync(file, '')
  const into = join(file, 'vectors')
  assert.throws(
    () => exportVectors(fused.checkpoint, configOf({}), 'history.nbpr', into),
    ({ code, message }: Failure) => code === 'SINK_UNWRITABLE' && message.includes(into),
  )
})
