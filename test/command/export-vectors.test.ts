// Vectors that leave a checkpoint: their products are the part's own scores, and what the description says a user is
// made of gives the user's vector.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { coreOfCheckpoint } from '../../src/command/checkpoint-core.ts'
import { exportVectors } from '../../src/command/export/vectors.ts'
import type { Failure } from '../../src/errors.ts'
import type { Checkpoint } from '../../src/ports/checkpoint-store.ts'
import type { HistoryBlock } from '../../src/ports/engine.ts'
import type { Core } from '../../src/trainer/loop/core.ts'
import { configOf, coreOf, play, streamOf } from '../trainer/stream.ts'
import { type Matrix, readLines, readNpy } from './npy.ts'

const root = mkdtempSync(join(tmpdir(), 'neupr-vectors-'))
after(() => rmSync(root, { recursive: true }))

/** Ids that a reader of lines, of tables or of quoted texts may take for something else. */
const odd = [
  'a\ttab',
  'two\nlines',
  'cr\r',
  '"quoted", \'twice\'',
  'back\\slash',
  '\u2028\u0085',
  ' ',
]

function named(name: string): string {
  const at = ['u', 'i'].includes(name[0] ?? '') ? Number(name.slice(1)) : Number.NaN
  return odd[at] === undefined ? name : `${odd[at]}${name}`
}

function checkpointOf(flags: Record<string, unknown>): { checkpoint: Checkpoint; core: Core } {
  const config = configOf({ factors: 8, ...flags })
  const learned = coreOf(config)
  const batches = streamOf(1_200).map((batch) => ({
    ...batch,
    newUsers: batch.newUsers.map(named),
    newItems: batch.newItems.map(named),
  }))
  play(learned, batches)
  const checkpoint = learned.snapshot(7)
  return { checkpoint, core: coreOfCheckpoint(checkpoint, config) }
}

function exported(checkpoint: Checkpoint, part: string) {
  const folder = join(root, part)
  exportVectors(checkpoint, configOf({}), part, folder)
  const about = JSON.parse(readFileSync(join(folder, 'vectors.json'), 'utf8'))
  const file = (name: string) => readNpy(join(folder, name))
  return {
    ...{ about, file, users: file(about.users.vectors), items: file(about.items.vectors) },
    userIds: readLines(join(folder, about.users.ids)),
    itemIds: readLines(join(folder, about.items.ids)),
  }
}

/** What the worker itself says of all items. */
function ownScores({ learner }: Core, part: string, user: number): Float32Array {
  const all = Int32Array.from({ length: learner.positives.items }, (_, item) => item)
  const scores = new Float32Array(all.length)
  const moment = learner.momentOf(user, newestOf(learner, user))
  learner.parts.find(({ name }) => name === part)!.score(moment, all, scores, 0)
  return scores
}

function newestOf({ positives: { runs } }: Core['learner'], user: number): number {
  return runs.times[runs.start[user]! + runs.length[user]! - 1] ?? 0
}

function assertClose(found: number, wanted: number, what: string): void {
  assert.ok(Math.abs(found - wanted) <= 1e-4 * Math.max(1, Math.abs(wanted)), `${what}: ${found}`)
}

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
    assert.deepEqual(userIds, core.input.users)
    assert.deepEqual(itemIds, core.input.items)
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

type Columns = { readonly from: number; readonly to: number }

/** Σ_l weight_l · row of the context, as the description says. */
function blockSum(
  block: HistoryBlock & { readonly columns: Columns },
  context: Matrix,
  history: readonly { readonly item: number; readonly age: number }[],
): number[] {
  const { kind, length, power, columns } = block
  const reach = history.slice(0, length)
  const decay = block.kind === 'short' ? block.decay : 1
  let weights = reach.map((_, l) => decay ** l)
  let rows = reach.map(({ item }) => item + 1)
  if (block.kind === 'time') {
    weights = reach.map(({ age }) => Math.exp(-age / block.seconds))
    const cut = weights.findIndex((weight) => weight < 0.02)
    if (cut >= 0) weights = weights.slice(0, cut)
    rows = rows.slice(0, weights.length)
  } else if (history.length <= length) {
    rows.push(0)
    weights.push(decay ** reach.length)
  }
  const sum = weights.reduce((one, other) => one + other, kind === 'time' ? 1 : 0)
  return Array.from({ length: columns.to - columns.from }, (_, d) =>
    weights.reduce((all, weight, x) => {
      return all + weight * sum ** -power * context.at(rows[x]!, columns.from + d)
    }, 0),
  )
}

for (const part of ['history.nbpr', 'history.clock', 'history.dncr']) {
  test(`${part}: a user's vector follows from the history as the description says`, () => {
    const { core } = fused
    const { about, file, users } = exported(fused.checkpoint, part)
    const { context, blocks, tower } = about.userVector
    const { runs } = core.learner.positives
    const longest = runs.length.indexOf(Math.max(...runs.length))
    for (const user of [0, 12, longest]) {
      const places = Array.from({ length: runs.length[user]! }, (_, x) => runs.start[user]! + x)
      const newest = newestOf(core.learner, user)
      const history = places.reverse().map((place) => ({
        item: runs.items[place]!,
        age: (newest - runs.times[place]!) / 1000,
      }))
      const sums: number[][] = blocks.map((block: HistoryBlock & { columns: Columns }) =>
        blockSum(block, file(context[0]), history),
      )
      let vector = sums.flat()
      if (tower !== undefined) {
        for (let l = 0; l < tower.layers.length; l += 2) {
          const [weight, bias] = [file(tower.layers[l]), file(tower.layers[l + 1])]
          const isLast = l === tower.layers.length - 2
          vector = Array.from({ length: weight.rows }, (_, row) => {
            const sum = vector.reduce((all, value, x) => all + value * weight.at(row, x), 0)
            return isLast ? sum + bias.at(0, row) : Math.tanh(sum + bias.at(0, row))
          })
        }
        vector = vector.map((value, d) => sums.reduce((all, own) => all + own[d]!, value))
      }
      vector.push(about.userVector.lastColumn)
      assert.equal(vector.length, about.dimension)
      vector.forEach((value, d) => {
        assertClose(users.at(user, d), value, `user ${user}, column ${d}, not ${value}`)
      })
    }
  })
}

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
