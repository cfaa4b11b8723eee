// Engines against each other on the same seeded work: training and ranking. The engine `wasm`, and what it is with
// fused multiply-add where Node has that, are compared with all others that are there; rounds alternate, and processor
// time is taken, so that other load meets all alike.

import { createArraysEngine } from '../../src/adapters/arrays/engine.ts'
import { createTfjsEngine } from '../../src/adapters/tfjs/engine.ts'
import { loadTensors } from '../../src/adapters/tfjs/load.ts'
import { createWasmEngine } from '../../src/adapters/wasm/engine.ts'
import { canFuse } from '../../src/adapters/wasm/kernel/kernel.ts'
import type { Engine, Network } from '../../src/ports/engine.ts'
import type { Workshop } from '../servers/tools.ts'
import type { BenchRow } from './store.ts'
import type { Task } from './tasks.ts'

const rounds = 7
/** An engine that is slow gets fewer rounds: no new one begins after this many ms of its own time. */
const patienceMs = 1_000
/** Of a round, so that what is quick can be measured. */
const roundMs = 20
/** Of its own time before the first round: code is compiled anew while it runs, and is several times slower before. */
const warmMs = 300

/** Whoever competes: prepares a task and gives what one round does. */
interface Runner {
  readonly name: string
  prepare(task: Task): () => void
}

/** Those that are there, ours first. */
async function runnersAtHand({ env, say }: Workshop): Promise<Runner[]> {
  const engines = [createWasmEngine(), createArraysEngine()]
  if (canFuse()) engines.unshift({ ...createWasmEngine({ fused: true }), name: fusedName })
  else say(`no ${fusedName}: Node has it from 22 on`)
  engines.push(createTfjsEngine(await loadTensors('pure', {})))
  const loaded = await loadTensors('auto', env)
  const native = loaded.name === 'tensorflow'
  if (native) engines.push(createTfjsEngine(loaded))
  else say(`no ratios to native TensorFlow, in its own hands or by hand: ${loaded.note}`)
  const runners: Runner[] = engines.map((engine) => ({
    name: engine.name,
    prepare: (task) => task.prepare(grown(engine, task)),
  }))
  if (!native) return runners
  const prepare = (task: Task) => task.byHand!(loaded.tf, grown(createWasmEngine(), task))
  return [...runners, { name: byHandName, prepare }]
}

const fusedName = 'wasm fused'
const byHandName = 'tensorflow by hand'

function grown(engine: Engine, task: Task): Network {
  const network = engine.create(task.spec, 1)
  network.grow(task.users, task.items)
  return network
}

export async function enginesBench(
  bench: string,
  tasks: readonly Task[],
  shop: Workshop,
): Promise<BenchRow[]> {
  const hand = await runnersAtHand(shop)
  return tasks.flatMap((task) => {
    const runners = hand.filter(
      ({ name }) =>
        !(task.heavy && name === 'tfjs-cpu') && (name !== byHandName || task.byHand !== undefined),
    )
    const rates = compete(runners, task)
    const { name, unit } = task
    return runners.flatMap(({ name: engine }, own) => {
      if (!engine.startsWith('wasm')) return []
      const value = rates[own]!
      shop.say(`${bench}: ${name}: ${engine} ${Math.round(value)} ${unit}`)
      return runners.slice(own + 1).map((other, n) => {
        const ratio = value / rates[own + 1 + n]!
        return { bench, case: name, engine, value, unit, against: other.name, ratio }
      })
    })
  })
}

/** Units per second of each: the median of its rounds. */
function compete(hand: readonly Runner[], task: Task): number[] {
  const runners = hand.map(({ prepare }) => {
    return { work: prepare(task), times: [] as number[], spent: 0 }
  })
  for (const { work } of runners) timeOf(work, warmMs)
  for (let round = 0; round < rounds; round++) {
    for (const runner of runners) {
      if (runner.spent > patienceMs) continue
      const ms = timeOf(runner.work, roundMs)
      runner.times.push(ms)
      runner.spent += ms
    }
  }
  return runners.map(({ times }) => {
    times.sort((a, b) => a - b)
    return (1000 * task.amount) / times[times.length >> 1]!
  })
}

/** ms of processor time of one run; what is quick is repeated for `least` ms. */
function timeOf(work: () => void, least: number): number {
  const before = process.cpuUsage()
  let runs = 0
  let spent = 0
  while (spent < 1_000 * least) {
    work()
    runs++
    const { user, system } = process.cpuUsage(before)
    spent = user + system
  }
  return spent / 1000 / runs
}
