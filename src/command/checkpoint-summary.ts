// What is in a checkpoint, for people and for programs: facts, every tensor with its numbers in short,
// counts of texts, bytes per user and item. Pure; reads no files and knows no part's meaning.

import type { Checkpoint, SavedCheckpoint, Tensor, TensorData } from '../ports/checkpoint-store.ts'

export interface TensorSummary {
  readonly name: string
  /** float32, float64, int32, uint32 or uint8. */
  readonly kind: string
  readonly shape: readonly number[]
  readonly bytes: number
  /** Whose rows these are, told by their number; `both` when there are as many users as items. */
  readonly rows: 'user' | 'item' | 'both' | 'other'
  /** Over the finite numbers; 0 where there are none. */
  readonly mean: number
  /** Square root of the sum of squares, of the finite numbers. */
  readonly norm: number
  /** NaN and infinite numbers. */
  readonly nonFinite: number
}

export interface TextSummary {
  readonly name: string
  readonly count: number
  /** In UTF-8. */
  readonly bytes: number
}

export interface CheckpointSummary {
  readonly generation: number
  /** What it is made of on the disk: one that holds everything, then changes, the oldest first, itself last. */
  readonly madeOf: readonly SavedCheckpoint[]
  readonly facts: Readonly<Record<string, unknown>>
  /** By name. */
  readonly tensors: readonly TensorSummary[]
  readonly texts: readonly TextSummary[]
  /** Numbers and texts together. */
  readonly bytes: number
  /** Ids and rows, divided by their number; undefined where there is none yet. */
  readonly bytesPerUser: number | undefined
  readonly bytesPerItem: number | undefined
  readonly nonFinite: number
}

/** Users and items are the lists of texts of these names, as the worker keeps them. */
const owners = { user: 'users', item: 'items' } as const

export function summarize(
  { generation, facts, tensors, texts }: Checkpoint,
  madeOf: readonly SavedCheckpoint[] = [],
): CheckpointSummary {
  const words = [...texts].map(([name, list]): TextSummary => {
    const sizes = Float64Array.from(list, (text) => Buffer.byteLength(text))
    return { name, count: list.length, bytes: sizes.reduce((total, size) => total + size, 0) }
  })
  const users = texts.get(owners.user)?.length ?? 0
  const items = texts.get(owners.item)?.length ?? 0
  const numbers = [...tensors].map(([name, { shape, data }]): TensorSummary => {
    const rows = ownerOf(shape, users, items)
    return { name, kind: kindOf(data), shape, bytes: data.byteLength, rows, ...moments(data) }
  })
  numbers.sort((a, b) => (a.name < b.name ? -1 : 1))
  const bytesPer = (owner: 'user' | 'item', count: number): number | undefined => {
    if (count === 0) return undefined
    const ids = sum(words.filter(({ name }) => name === owners[owner]))
    const rows = sum(numbers.filter((one) => one.rows === owner))
    // Rows that cannot be told apart are shared out evenly.
    const both = sum(numbers.filter((one) => one.rows === 'both'))
    return (ids + rows + both / 2) / count
  }
  return {
    generation,
    madeOf,
    facts,
    tensors: numbers,
    texts: words,
    bytes: sum(numbers) + sum(words),
    bytesPerUser: bytesPer('user', users),
    bytesPerItem: bytesPer('item', items),
    nonFinite: numbers.reduce((all, one) => all + one.nonFinite, 0),
  }
}

/** One JSON document. */
export function renderJson(summary: CheckpointSummary): string {
  return `${printable(JSON.stringify(summary, null, 2))}\n`
}

/** A page for a terminal; without `all`, many tensors whose names differ in a number share a line. */
export function renderText(summary: CheckpointSummary, { all = false } = {}): string {
  const { generation, facts, texts, bytes, bytesPerUser, bytesPerItem, nonFinite } = summary
  const rows = all ? summary.tensors.map(rowOf) : rowsOf(summary.tensors)
  const lines = [
    `generation ${generation}, ${inBytes(bytes)}`,
    ...madeOfLines(summary),
    `per user ${perOne(bytesPerUser)}, per item ${perOne(bytesPerItem)} (ids and rows)`,
    nonFinite === 0 ? 'all numbers are finite' : `NaN or infinite numbers: ${nonFinite}`,
    '',
    'facts',
    ...Object.entries(facts).map(([name, fact]) => `  ${quote(name)}: ${quote(fact)}`),
    '',
    'texts',
    ...texts.map(({ name, count, bytes: size }) => `  ${quote(name)}: ${count}, ${inBytes(size)}`),
    '',
    ...inColumns([['tensor', 'shape', 'bytes', 'mean', 'norm', ''], ...rows]),
  ]
  return `${lines.map(printable).join('\n')}\n`
}

/** Nothing of one that holds everything. */
function madeOfLines({ madeOf: [whole, ...changes] }: CheckpointSummary): string[] {
  if (whole === undefined || changes.length === 0) return []
  const since = `${changes.length} times changes since, ${inBytes(sum(changes))}`
  const first = `on the disk: all of generation ${whole.generation}, ${inBytes(whole.bytes)}`
  return [`${first}; ${since}, ${inBytes(changes.at(-1)!.bytes)} of them the last time`]
}

/** The fewest tensors whose names differ in a number that are shown as one. */
const groupMin = 8

/** By name, and a line for each group where its first tensor would stand. */
function rowsOf(tensors: readonly TensorSummary[]): string[][] {
  const groups = new Map<string, TensorSummary[]>()
  for (const one of tensors) {
    const pattern = patternOf(one.name)
    const group = groups.get(pattern)
    if (group === undefined) groups.set(pattern, [one])
    else group.push(one)
  }
  return [...groups].flatMap(([pattern, group]) => {
    if (group.length < groupMin) return group.map(rowOf)
    const notFinite = group.reduce((total, one) => total + one.nonFinite, 0)
    const name = JSON.stringify(pattern).slice(1, -1)
    return [[name, `${group.length} tensors`, inBytes(sum(group)), '', '', faulty(notFinite)]]
  })
}

/** probe.12.ahead is one of probe.N.ahead. */
function patternOf(name: string): string {
  return name.replaceAll(/(?<=^|[./])\d+(?=$|[./])/g, 'N')
}

function rowOf({ name, kind, shape, bytes, mean, norm, nonFinite }: TensorSummary): string[] {
  return [
    JSON.stringify(name).slice(1, -1),
    `${kind}[${shape.join('×')}]`,
    inBytes(bytes),
    mean.toPrecision(4),
    norm.toPrecision(4),
    faulty(nonFinite),
  ]
}

function faulty(count: number): string {
  return count === 0 ? '' : `${count} not finite`
}

function moments(data: TensorData): Pick<TensorSummary, 'mean' | 'norm' | 'nonFinite'> {
  let total = 0
  let squares = 0
  let finite = 0
  for (const value of data) {
    if (!Number.isFinite(value)) continue
    total += value
    squares += value * value
    finite++
  }
  const mean = finite === 0 ? 0 : total / finite
  return { mean, norm: Math.sqrt(squares), nonFinite: data.length - finite }
}

function ownerOf(shape: Tensor['shape'], users: number, items: number): TensorSummary['rows'] {
  const rows = shape[0] ?? 0
  if (rows === 0 || (rows !== users && rows !== items)) return 'other'
  if (users === items) return 'both'
  return rows === users ? 'user' : 'item'
}

function kindOf(data: TensorData): string {
  const tag = Object.prototype.toString.call(data)
  return tag.slice('[object '.length, -'Array]'.length).toLowerCase()
}

function sum(parts: readonly { readonly bytes: number }[]): number {
  return parts.reduce((total, { bytes }) => total + bytes, 0)
}

function quote(value: unknown): string {
  return JSON.stringify(value)
}

function perOne(bytes: number | undefined): string {
  return bytes === undefined ? 'nothing yet' : `${Math.round(bytes)} B`
}

function inBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  return `${power === 0 ? bytes : (bytes / 1024 ** power).toFixed(1)} ${units[power]}`
}

/** The first column to the left, all others to the right. */
function inColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]!.length)))
  return rows.map((row) => {
    const cells = row.map((cell, at) =>
      at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!),
    )
    return cells.join('  ').trimEnd()
  })
}

/** Names come from the input: nothing in them may steer a terminal. JSON has escaped the rest. */
function printable(text: string): string {
  return text.replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from({ length: character.length }, (_, at) => {
      return `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`
    }).join(''),
  )
}
