// A checkpoint of a small world, and what `export vectors` writes of it, read by NumPy's own description of its format.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { coreOfCheckpoint } from '../../../src/command/checkpoint-core.ts'
import { exportVectors } from '../../../src/command/export/vectors.ts'
import type { Checkpoint } from '../../../src/ports/checkpoint-store.ts'
import type { Core } from '../../../src/trainer/loop/core.ts'
import { configOf, coreOf, play, streamOf } from '../../trainer/stream.ts'

export const root = mkdtempSync(join(tmpdir(), 'neupr-vectors-'))
process.once('exit', () => rmSync(root, { recursive: true, force: true }))

export interface Matrix {
  readonly rows: number
  readonly columns: number
  readonly at: (row: number, column: number) => number
}

/** By NumPy's own description of its format 1.0. */
export function readNpy(path: string): Matrix {
  const bytes = readFileSync(path)
  assert.equal(bytes.subarray(0, 8).toString('latin1'), '\x93NUMPY\x01\x00')
  const begin = 10 + bytes.readUInt16LE(8)
  assert.equal(begin % 64, 0)
  const header = bytes.subarray(10, begin).toString('latin1')
  const shape = /^\{'descr': '<f4', 'fortran_order': False, 'shape': \((\d+), (\d+)\), \} *\n$/
  const [, rows, columns] = (shape.exec(header) ?? assert.fail(header)).map(Number)
  assert.equal(bytes.length - begin, 4 * rows! * columns!)
  const at = (row: number, column: number) =>
    bytes.readFloatLE(begin + 4 * (row * columns! + column))
  return { rows: rows!, columns: columns!, at }
}

/** Lines of JSON texts, however careless the reader: it takes for an end of line all that some programs do. */
export function readLines(path: string): string[] {
  const lines = readFileSync(path, 'utf8').split(/\r\n|[\n\r\u0085\u2028\u2029]/)
  assert.equal(lines.pop(), '')
  return lines.map((line) => JSON.parse(line) as string)
}

/** Ids that a reader of lines, of tables or of quoted texts may take for something else. */
export const odd = [
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

export function checkpointOf(flags: Record<string, unknown>): {
  checkpoint: Checkpoint
  core: Core
} {
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

export function exported(checkpoint: Checkpoint, part: string) {
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
export function ownScores({ learner }: Core, part: string, user: number): Float32Array {
  const all = Int32Array.from({ length: learner.positives.items }, (_, item) => item)
  const scores = new Float32Array(all.length)
  const moment = learner.momentOf(user, newestOf(learner, user))
  learner.parts.find(({ name }) => name === part)!.score(moment, all, scores, 0)
  return scores
}

export function newestOf({ positives: { runs } }: Core['learner'], user: number): number {
  return runs.newestTime(user)
}

export function assertClose(found: number, wanted: number, what: string): void {
  assert.ok(Math.abs(found - wanted) <= 1e-4 * Math.max(1, Math.abs(wanted)), `${what}: ${found}`)
}
