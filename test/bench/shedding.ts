// What a live stream that is too fast costs in quality: each event gets a share of the work, as under overload. µs of
// processor time per event, and HR@10 / NDCG@10 among 100 items over the last 30 % of the stream, of the events that
// are still measured. The stream is that of the bench «event».

import { createWasmEngine } from '../../src/adapters/wasm/engine.ts'
import { readConfig } from '../../src/config.ts'
import { addAction } from '../../src/messages.ts'
import { createLearner } from '../../src/trainer/model/learner.ts'
import type { Workshop } from '../servers/tools.ts'
import type { BenchRow } from './store.ts'
import { type StreamEvent, streamEvents } from './stream-events.ts'

const efforts = [1, 0.5, 0.25, 0.1, 0.05, 0.02]

export async function sheddingBench({ env, say }: Workshop): Promise<BenchRow[]> {
  const events = await streamEvents(env.NEUPR_BENCH_STREAM)
  const found = efforts.map((effort) => ({ effort, ...playedAt(effort, events) }))
  const [full] = found
  return found.flatMap(({ effort, micros, hr10, ndcg10, popular }) => {
    const [hr, ndcg] = [hr10, ndcg10].map((value) => value.toFixed(3))
    say(`shedding: effort ${effort}: ${micros.toFixed(1)} µs/event, ${hr} / ${ndcg}`)
    const row = (name: string, value: number, unit: string, against: string, other: number) => ({
      ...{ bench: 'shedding', case: `effort ${effort}: ${name}`, value, unit },
      ...{ against, ratio: value / other },
    })
    return [
      row('cost', micros, 'µs/event', 'full effort', full!.micros),
      row('HR@10', hr10, 'share', 'full effort', full!.hr10),
      row('HR@10 of ItemPop', popular, 'share', 'the model', hr10),
      row('NDCG@10', ndcg10, 'share', 'full effort', full!.ndcg10),
    ]
  })
}

function playedAt(effort: number, events: readonly StreamEvent[]) {
  const { config } = readConfig({ flags: { seed: 7 }, env: {} })
  const learner = createLearner(config, createWasmEngine())
  const before = process.cpuUsage()
  for (const { user, item, time } of events) learner.apply(user, item, time, addAction, effort)
  const { user, system } = process.cpuUsage(before)
  const { model, popularity } = learner.prequential.quality().last30
  return {
    micros: (user + system) / events.length,
    hr10: model!.hits / model!.events,
    ndcg10: model!.ndcg / model!.events,
    popular: popularity!.hits / popularity!.events,
  }
}
