// What one event of the stream costs the learner, part by part: µs of processor time of predicting it, of learning its
// output weights, of the draws of each learned network, of counting it. All parts in full and light form, and the parts
// that a prototype in C has, too, which is run in turn with them where NEUPR_BENCH_PROTOTYPE names its binary.
//
// The stream is the made-up world or the file of NEUPR_BENCH_STREAM: lines of user, item and time, plain or gzip.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createWasmEngine } from '../../src/adapters/wasm/engine.ts'
import { readConfig } from '../../src/config.ts'
import { addAction } from '../../src/messages.ts'
import { createLearner, type Learner } from '../../src/trainer/learner.ts'
import type { Workshop } from '../servers/tools.ts'
import type { BenchRow } from './store.ts'
import { type StreamEvent, streamEvents } from './stream-events.ts'

/** Microseconds per event by what they went to. */
type Costs = Map<string, number>

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

/** Processor time by what it went to; the shares are of wall time, in which other load meets all alike. */
export function costsOf(
  events: readonly StreamEvent[],
  flags: Readonly<Record<string, unknown>>,
): Costs {
  const { config } = readConfig({ flags: { seed: 7, ...flags }, env: {} })
  const learner = createLearner(config, createWasmEngine())
  const spent = watch(learner)
  const before = process.cpuUsage()
  const began = performance.now()
  for (const { user, item, time } of events) learner.apply(user, item, time, addAction, 1)
  const wall = performance.now() - began
  const { user, system } = process.cpuUsage(before)
  const whole = (user + system) / events.length
  const costs: Costs = new Map([['predict and learn', whole]])
  for (const [name, ms] of spent) costs.set(name, (whole * ms) / wall)
  costs.set('learn', whole - costs.get('predict')!)
  return costs
}

/** Milliseconds spent in the learner's pieces, from now on. */
function watch(learner: Learner): Map<string, number> {
  const spent = new Map<string, number>()
  function time<Name extends string>(piece: { [N in Name]: unknown }, method: Name, name: string) {
    const work = piece[method] as (...given: unknown[]) => unknown
    spent.set(name, 0)
    piece[method] = (...given: unknown[]) => {
      const began = performance.now()
      const result = work(...given)
      spent.set(name, spent.get(name)! + performance.now() - began)
      return result
    }
  }
  time(learner.prequential, 'predict', 'predict')
  time(learner.preference, 'learn', 'fusion')
  for (const learned of learner.learned) {
    const { name } = learned.network.spec
    time(learned.network, 'step', `${name}: steps`)
    time(learned, 'learnEvent', `${name}: at once`)
    time(learned, 'replay', `${name}: replays`)
  }
  for (const part of learner.parts) time(part, 'observe', `${part.name}: count`)
  return spent
}

/** µs of learning per event, as the prototype says it. */
export function prototypeCost(binary: string, stream: string, given: readonly string[]): number {
  const said = execFileSync(binary, [stream, ...given], { encoding: 'utf8' })
  const found = /([\d.]+) us\/event/.exec(said)
  if (found === null) throw new Error(`${binary} named no µs per event: ${said.slice(-500)}`)
  return Number(found[1])
}

export async function eventBench({ env, say }: Workshop): Promise<BenchRow[]> {
  const events = await streamEvents(env.NEUPR_BENCH_STREAM)
  const binary = env.NEUPR_BENCH_PROTOTYPE
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  try {
    const stream = join(folder, 'events.tsv')
    const seconds = (time: number) => Math.floor(time / 1000)
    writeFileSync(stream, events.map((e) => `${e.user}\t${e.item}\t${seconds(e.time)}\n`).join(''))
    return forms.flatMap(({ name, flags, prototype }) => {
      const costs = costsOf(events, flags)
      const rows = rowsOf(name, costs)
      if (binary !== undefined && prototype !== undefined) {
        const native = prototypeCost(binary, stream, prototype)
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
