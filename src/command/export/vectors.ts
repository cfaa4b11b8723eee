// `export vectors`: the vectors of one part as NumPy files, the ids of their rows as lines of JSON, and a description
// of what they are, which is written last: where it is, the rest is whole.

import type { Config } from '../../config.ts'
import { Failure } from '../../errors.ts'
import type { Checkpoint } from '../../ports/checkpoint-store.ts'
import type { HistoryBlock, NetworkSpec } from '../../ports/engine.ts'
import type { Core } from '../../trainer/loop/core.ts'
import {
  type Matrix,
  type PartVectors,
  partsWithVectors,
  vectorsOfPart,
  whyNoVectors,
} from '../../trainer/model/part-vectors.ts'
import { coreOfCheckpoint } from '../checkpoint-core.ts'
import { openFolder, type Some } from './numpy-folder.ts'

const description = 'vectors.json'
/** Returns a line for people. @throws Failure SETTINGS_INVALID, SINK_UNWRITABLE */
export function exportVectors(
  checkpoint: Checkpoint,
  config: Config,
  part: string | undefined,
  folder: string,
): string {
  const core = coreOfCheckpoint(checkpoint, config)
  const { learner, input } = core
  const vectors = vectorsOfPart(learner, checkedPart(core, part))
  const names = { items: input.items.slice(), users: input.users.slice() }
  const items = rowsOf(names.items, learner.positives.items)
  const users = rowsOf(names.users, learner.positives.users)
  const { dimension } = vectors
  const put = openFolder(folder, description)
  put.npy('items.npy', items.length, dimension, (rows) => itemsAt(vectors, rows, items))
  put.ids('items.jsonl', items, names.items)
  put.npy('users.npy', users.length, dimension, (rows) => usersAt(core, vectors, rows, users))
  put.ids('users.jsonl', users, names.users)
  const sources = [...vectors.sources].map(([name, matrix]) => {
    const isContext = name.endsWith('.context')
    const kept = isContext ? contextRows(items, vectors.spec.startItem) : rowsOf([], matrix.rows)
    put.npy(`${name}.npy`, kept.length, matrix.columns, (rows) => matrixRows(matrix, kept, rows))
    return `${name}.npy`
  })
  const about = {
    part: vectors.spec.name,
    score: 'users[u] · items[i] is what the part says of user u and item i',
    weight: core.learner.preference.weights()[vectors.spec.name] ?? null,
    checkpoint: checkpoint.generation,
    dimension,
    items: {
      ...{ vectors: 'items.npy', ids: 'items.jsonl', count: items.length },
      columns: vectors.pieces,
    },
    users: { vectors: 'users.npy', ids: 'users.jsonl', count: users.length },
    userVector: userVector(vectors, sources),
  }
  put.text(description, `${JSON.stringify(about, null, 2)}\n`)
  const shape = `${users.length} users and ${items.length} items × ${dimension}`
  return `${vectors.spec.name}: ${shape} in ${folder}; ${description} says what they are\n`
}

function checkedPart({ learner }: Core, part: string | undefined): string {
  const having = partsWithVectors(learner)
  if (part !== undefined && having.includes(part)) return part
  const with_ = having.length === 0 ? 'no part of this model has vectors' : having.join(', ')
  const say = having.length === 0 ? with_ : `those that have vectors: ${with_}`
  if (part === undefined) {
    throw new Failure('SETTINGS_INVALID', `--part is missing; ${say}`)
  }
  const why = whyNoVectors(learner, part)
  const fault = why === undefined ? 'is no part of this model' : why
  throw new Failure('SETTINGS_INVALID', `--part ${JSON.stringify(part)} ${fault}; ${say}`)
}

/** Ids that somebody has; '' stands for nobody. */
function rowsOf(names: readonly string[], count: number): number[] {
  const all = Array.from({ length: count }, (_, id) => id)
  return names.length === 0 ? all : all.filter((id) => (names[id] ?? '') !== '')
}

/** Row 0 is the start of every history, where there is one. */
function contextRows(items: readonly number[], startItem: boolean): number[] {
  return startItem ? [0, ...items.map((id) => id + 1)] : [...items]
}

function itemsAt(vectors: PartVectors, { from, to }: Some, ids: readonly number[]): Float32Array {
  const { dimension } = vectors
  const [first = 0, last = 0] = [ids[from], ids[to - 1]]
  const all = vectors.items(first, last - first + 1)
  // Ids that nobody has are seldom: their rows are cut out.
  ids.slice(from, to).forEach((id, x) => {
    all.copyWithin(x * dimension, (id - first) * dimension, (id - first + 1) * dimension)
  })
  return all.subarray(0, (to - from) * dimension)
}

/** Each user as of the newest item that they have. */
function usersAt(
  { learner }: Core,
  vectors: PartVectors,
  { from, to }: Some,
  ids: readonly number[],
): Float32Array {
  const { runs } = learner.positives
  const out = new Float32Array((to - from) * vectors.dimension)
  ids.slice(from, to).forEach((user, x) => {
    vectors.user(learner.momentOf(user, runs.newestTime(user)).users, out, x * vectors.dimension)
  })
  return out
}

function matrixRows({ columns, data }: Matrix, kept: readonly number[], { from, to }: Some) {
  const out = new Float32Array((to - from) * columns)
  kept.slice(from, to).forEach((row, x) => {
    out.set(data.subarray(row * columns, (row + 1) * columns), x * columns)
  })
  return out
}

function userVector({ spec, hasBias }: PartVectors, files: readonly string[]): object {
  const constant = hasBias ? { lastColumn: 1 } : {}
  if (spec.users === 'rows') {
    const weighed = spec.output === 'learned' ? ', times the sum of its two output weights' : ''
    return {
      of: `a learned row for each user${weighed}: who is not among them has none`,
      ...constant,
    }
  }
  return {
    of: 'the history, newest first, as of the time of the newest item: sums over rows of the context',
    ...constant,
    context: files.filter((name) => name.includes('.context')),
    contextRows: spec.startItem
      ? 'row 0 is what stands before the oldest item, row n + 1 is item n'
      : 'row n is item n',
    startItem: spec.startItem,
    blocks: spec.blocks.map((block, b) => blockOf(block, b, spec)),
    ...(spec.model === 'nbpr' ? {} : { tower: towerOf(files) }),
  }
}

/** The weights of the places l = 0, 1, 2 … of a history, l = 0 being the newest; m places are in reach. */
function blockOf(block: HistoryBlock, b: number, { factors }: NetworkSpec): object {
  const columns = { from: b * factors, to: (b + 1) * factors }
  const reach = `the newest ${block.length} places, and the start behind the oldest item if it is among them`
  if (block.kind === 'long') return { ...block, columns, weights: `m^-power over ${reach}` }
  if (block.kind === 'short') {
    return { ...block, columns, weights: `decay^l · S^-power over ${reach}, S = Σ decay^l` }
  }
  const weights =
    `e^(-age_l/seconds) · (1+S)^-power over the newest ${block.length} places up to the first with e^(…) < 0.02, ` +
    'S = Σ e^(…), age in seconds before the moment; without the start'
  return { ...block, columns, weights }
}

function towerOf(files: readonly string[]): object {
  return {
    layers: files.filter((name) => name.startsWith('tower.')),
    means:
      'p_b: the sum of block b over dncr.context. The vector is Σ_b p_b + the last layer; the first layer reads ' +
      '[p_0, p_1, …], each gives weight · in + bias, all but the last a tanh of it',
  }
}
