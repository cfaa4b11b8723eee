// The vectors of a part that is a learned network: one for each item and one for each user at a moment. Their product
// is the part's score. Parts that count, and networks that can only compare two items, have none.
//
// Symbols: f factors, B blocks, D dimension of the vectors.

import type { NetworkSpec } from '../../ports/engine.ts'
import type { UserBatch } from '../../ports/scoring.ts'
import type { Learner } from './learner.ts'

type Network = Learner['networks'][number]['network']

/** Columns from … to-1 of the vectors of items. */
export interface Piece {
  readonly of: string
  readonly from: number
  readonly to: number
}

export interface PartVectors {
  readonly spec: NetworkSpec
  readonly dimension: number
  readonly pieces: readonly Piece[]
  /** The last column of items is their bias, that of users is 1. */
  readonly hasBias: boolean
  /** (count × D) of items first … first+count-1, a copy. */
  items(first: number, count: number): Float32Array
  /** Writes the vector of the batch's first user to out[at … at+D-1]. */
  user(users: UserBatch, out: Float32Array, at: number): void
  /** What a user's vector is computed from, by the name of the table without that of the part: (rows, columns). */
  readonly sources: ReadonlyMap<string, Matrix>
}

export interface Matrix {
  readonly rows: number
  readonly columns: number
  readonly data: Float32Array
}

/** The names of the parts that have vectors. */
export function partsWithVectors(learner: Pick<Learner, 'networks'>): string[] {
  return learner.networks
    .filter(({ network }) => whyNone(network) === undefined)
    .map(({ network }) => network.spec.name)
}

/** Why a part has none, in words that go on after its name; undefined: it has some, or is not there. */
export function whyNoVectors(
  { networks, parts }: Pick<Learner, 'networks' | 'parts'>,
  name: string,
): string | undefined {
  const found = networks.find(({ network }) => network.spec.name === name)
  if (found !== undefined) return whyNone(found.network)
  return parts.some((part) => part.name === name)
    ? 'counts events: its score is no product of a user and an item'
    : undefined
}

function whyNone({ spec, rows }: Network): string | undefined {
  if (rows !== undefined) return undefined
  if (spec.model !== 'nbpr' && spec.tower === 'joint') {
    return 'compares two items at a time: no item has a score of its own'
  }
  if (spec.rows.kind === 'adam') {
    return 'learns with Adam, which still moves rows between their events: no table holds what they are now'
  }
  return isWeighedRow(spec)
    ? undefined
    : 'weighs the layers of a tower: its score is no plain product'
}

/** NBPR with a row a user and learned output weights, the paper's: s = (w1 + w2)·(U ⊙ V), eq. 20. */
function isWeighedRow({ model, users, output }: NetworkSpec): boolean {
  return model === 'nbpr' && users === 'rows' && output === 'learned'
}

/** @throws RangeError where the part has none. */
export function vectorsOfPart({ networks }: Pick<Learner, 'networks'>, name: string): PartVectors {
  const found = networks.find(({ network }) => network.spec.name === name)
  if (found === undefined || whyNone(found.network) !== undefined) {
    throw new RangeError(`${name} has no vectors`)
  }
  const { network } = found
  return network.rows === undefined ? ofWeighedRows(network) : ofProducts(network, network.rows)
}

function ofProducts(network: Network, rows: NonNullable<Network['rows']>): PartVectors {
  const { spec } = network
  const { widths } = rows
  const dimension = widths.reduce((sum, width) => sum + width, 0)
  return {
    spec,
    dimension,
    pieces: piecesOf(spec),
    hasBias: spec.itemBias,
    items(first, count) {
      const out = new Float32Array(count * dimension)
      let from = 0
      rows.blocks(first, count).forEach((block, p) => {
        const width = widths[p]!
        for (let x = 0; x < count; x++) {
          out.set(block.subarray(x * width, (x + 1) * width), x * dimension + from)
        }
        from += width
      })
      return out
    },
    user: (users, out, at) => rows.query(users, 1, out, at),
    sources: sourcesOf(network),
  }
}

function ofWeighedRows(network: Network): PartVectors {
  const { spec } = network
  const { factors } = spec
  const table = (name: string) => network.tensors().get(`${spec.name}/${name}`)!.data
  const weights = table('output.weight')
  return {
    spec,
    dimension: factors,
    pieces: [{ of: 'nbpr.item', from: 0, to: factors }],
    hasBias: false,
    items: (first, count) =>
      Float32Array.from(table('nbpr.item').subarray(first * factors, (first + count) * factors)),
    user({ userRows }, out, at) {
      const row = userRows[0]! * factors
      const own = table('nbpr.user')
      for (let d = 0; d < factors; d++) {
        out[at + d] = own[row + d]! * (weights[d]! + weights[factors + d]!)
      }
    },
    sources: sourcesOf(network),
  }
}

function piecesOf({ model, factors, blocks, users, itemBias }: NetworkSpec): Piece[] {
  const pieces: Piece[] = []
  let from = 0
  const add = (of: string, width: number): void => {
    pieces.push({ of, from, to: from + width })
    from += width
  }
  const count = users === 'rows' ? 1 : blocks.length
  if (model !== 'dncr') {
    for (let b = 0; b < count; b++)
      add(count === 1 ? 'nbpr.item' : `nbpr.item, block ${b}`, factors)
  }
  if (model !== 'nbpr') add('dncr.item', factors)
  if (itemBias) add('item.bias', 1)
  return pieces
}

/** The context of histories, the layers of the tower, the output weights; of users' own rows the vectors are enough. */
function sourcesOf(network: Network): Map<string, Matrix> {
  const sources = new Map<string, Matrix>()
  const wanted = /^(nbpr\.context|dncr\.context|tower\.\d+\.(weight|bias))$/
  for (const [path, { shape, data }] of network.tensors()) {
    const name = path.slice(network.spec.name.length + 1)
    if (!wanted.test(name)) continue
    const [rows = 0, columns = 0] = shape
    sources.set(name, { rows, columns, data: data as Float32Array })
  }
  return sources
}
