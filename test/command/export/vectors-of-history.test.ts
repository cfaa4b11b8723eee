// What the description of exported vectors says a user is made of gives the user's vector.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HistoryBlock } from '../../../src/ports/engine.ts'
import { assertClose, checkpointOf, exported, type Matrix, newestOf } from './exported.ts'

const fused = checkpointOf({})

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
        age: (newest - runs.times.at(place)) / 1000,
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
