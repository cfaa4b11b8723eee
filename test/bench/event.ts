// What one event of the stream costs the learner: µs of predicting and of learning it, and what went to its output
// weights, the draws of each learned network, counting it. All parts in full and light form, and the parts that a
// prototype in C has, too, which is run before and after them where NEUPR_BENCH_PROTOTYPE names its binary.
//
// The stream goes through twice. First only the prediction is timed, which is one reading of the clock before and after
// it, and the whole, a thousand events at a time: medians are told, so what other programs take now and then is left
// out, and so is what the JavaScript engine compiles in the beginning. Then all pieces are timed, for their shares.
//
// With --items 3000,100000,1000000 it is a made-up stream over catalogues of these sizes, against the smallest.
//
// Else the stream is the made-up world or the file of NEUPR_BENCH_STREAM: lines of user, item and time, plain or gzip.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createWasmEngine } from '../../src/adapters/wasm/engine.ts'
import { readConfig } from '../../src/config.ts'
import { addAction } from '../../src/messages.ts'
import { createLearner, type Learner } from '../../src/trainer/model/learner.ts'
import type { Workshop } from '../servers/tools.ts'
import { type Spent, timePiece, watch } from './event/pieces.ts'
import { eventsAtSizes } from './event/sizes.ts'
import type { BenchRow } from './store.ts'
import { type StreamEvent, streamEvents } from './stream-events.ts'

/** Microseconds per event by what they went to. */
type Costs = Map<string, number>

const pieceEvents = 1_000

interface Form {
  readonly name: string
  readonly flags: Readonly<Record<string, unknown>>
  /** Arguments of the prototype in this form; undefined: it has no such form. */
  readonly prototype: readonly string[] | undefined
}

const prototypeParts =
  'alpha=.5 salpha=.5 talpha=.5 decay=.8 L=10 Lmax=100 Tmax=30 tau=600 reg=.006 lr=.1 lrb=.2 acc0=.1 noise=.02 ' +
  'nneg=4 hard=4 soft=0 imm=3 rep=8 fresh=.25 W=200 start=1 prev=0 ' +
  'rows=1 stack=2 lrt=.05 knn=1 knnWin=20 knnIn=1 buckets=7'
const full = prototypeParts.split(' ')
const light = [...full, 'rep=2', 'imm2=3', 'rep2=4']

const forms: readonly Form[] = [
  { name: 'full', flags: {}, prototype: undefined },
  { name: 'light', flags: { effort: 'light' }, prototype: undefined },
  { name: 'full, NBPR alone', flags: { model: 'nbpr' }, prototype: full },
  { name: 'light, NBPR alone', flags: { model: 'nbpr', effort: 'light' }, prototype: light },
]

function learnerOf(flags: Readonly<Record<string, unknown>>): Learner {
  const { config } = readConfig({ flags: { seed: 7, ...flags }, env: {} })
  return createLearner(config, createWasmEngine())
}

function costsOf(events: readonly StreamEvent[], flags: Readonly<Record<string, unknown>>): Costs {
  const { predict, learn } = halvesOf(events, flags)
  const learner = learnerOf(flags)
  const spent = watch(learner)
  const began = performance.now()
  for (const { user, item, time } of events) learner.apply(user, item, time, addAction, 1)
  const perMs = (predict + learn) / (performance.now() - began)
  const costs: Costs = new Map([
    ['predict and learn', predict + learn],
    ['predict', predict],
    ['learn', learn],
  ])
  for (const [name, ms] of spent) costs.set(name, perMs * ms)
  return costs
}

/** µs per event of predicting and of all the rest: medians over pieces of the stream. */
function halvesOf(events: readonly StreamEvent[], flags: Readonly<Record<string, unknown>>) {
  const learner = learnerOf(flags)
  const spent: Spent = new Map()
  timePiece(spent, learner.prequential, 'predict', 'predict')
  const halves: { predict: number[]; learn: number[] } = { predict: [], learn: [] }
  for (let from = 0; from < events.length; from += pieceEvents) {
    const piece = events.slice(from, from + pieceEvents)
    spent.set('predict', 0)
    const began = performance.now()
    for (const { user, item, time } of piece) learner.apply(user, item, time, addAction, 1)
    const whole = performance.now() - began
    const perEvent = 1e3 / piece.length
    halves.predict.push(perEvent * spent.get('predict')!)
    halves.learn.push(perEvent * (whole - spent.get('predict')!))
  }
  return { predict: median(halves.predict), learn: median(halves.learn) }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}

/** µs of learning per event, as the prototype says it. */
function prototypeCost(binary: string, stream: string, given: readonly string[]): number {
  const said = execFileSync(binary, [stream, ...given], { encoding: 'utf8' })
  const found = /([\d.]+) us\/event/.exec(said)
  if (found === null) throw new Error(`${binary} named no µs per event: ${said.slice(-500)}`)
  return Number(found[1])
}

/** `items`: sizes of the catalogue to compare; none: the stream as it is. */
export async function eventBench(
  { env, say }: Workshop,
  items: readonly number[],
): Promise<BenchRow[]> {
  if (items.length > 0) return eventsAtSizes({ items, flags: {}, say })
  const events = await streamEvents(env.NEUPR_BENCH_STREAM)
  const binary = env.NEUPR_BENCH_PROTOTYPE
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  try {
    const stream = join(folder, 'events.tsv')
    const seconds = (time: number) => Math.floor(time / 1000)
    writeFileSync(stream, events.map((e) => `${e.user}\t${e.item}\t${seconds(e.time)}\n`).join(''))
    return forms.flatMap(({ name, flags, prototype }) => {
      const asksNative = binary !== undefined && prototype !== undefined
      const before = asksNative ? prototypeCost(binary, stream, prototype) : 0
      const costs = costsOf(events, flags)
      const rows = rowsOf(name, costs)
      if (asksNative) {
        const native = (before + prototypeCost(binary, stream, prototype)) / 2
        const value = costs.get('learn')!
        rows.push({
          ...{ bench: 'event', case: `${name}: learn`, engine: 'wasm', value, unit: 'µs/event' },
          ...{ against: 'prototype in C', ratio: value / native },
        })
      }
      for (const row of rows) say(`event: ${row.case}: ${row.value.toFixed(1)} µs`)
      return rows
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function rowsOf(form: string, costs: Costs): BenchRow[] {
  const whole = costs.get('predict and learn')!
  return [...costs].map(([name, value]) => ({
    ...{ bench: 'event', case: `${form}: ${name}`, engine: 'wasm', value, unit: 'µs/event' },
    ...{ against: 'the whole event', ratio: value / whole },
  }))
}
