// What weights of actions do for the lists of a made-up shop: HR@10 and NDCG@10 of purchases, each ranked before it is
// learned among 100 items that could be in a list, in the last 30 % of the stream. Whoever looks at an item and buys it
// a minute later is easily foreseen, so purchases of items that the person had not looked at are also told apart. All
// variants are asked the same purchases; one of an item that a variant does not know yet is a miss.
// Run: npm run bench -- shop [--events 40000] [--seeds 1,2,3]

import { createWasmEngine } from '../../src/adapters/wasm/engine.ts'
import { readConfig } from '../../src/config.ts'
import { parseMapping } from '../../src/consume/mapping/spec/spec.ts'
import { addRank, newQuality, qualityOf } from '../../src/measure/metrics.ts'
import { addAction, type QualitySums, removeAction } from '../../src/messages.ts'
import { eventCode } from '../../src/strength.ts'
import { createLearner } from '../../src/trainer/model/learner.ts'
import { isStockChange, type ShopEvent, shopRecords } from '../../src/world/shop.ts'
import type { BenchRow } from './store.ts'

const lateShare = 0.7
const notRanked = Number.POSITIVE_INFINITY

export interface ShopBench {
  readonly events: number
  readonly seeds: readonly number[]
}

const weighed = (cart: number, view: number): string =>
  `purchase=add,cart=add:${cart}:listable,view=add:${view}:listable,return=remove`
/** As in --actions, by name. */
const variants: Readonly<Record<string, string>> = {
  'purchases only': 'purchase=add,cart=skip,view=skip,return=remove',
  'all equal': weighed(1, 1),
  'cart .8, view .5': weighed(0.8, 0.5),
  'cart .5, view .2': weighed(0.5, 0.2),
  'cart .5, view .1': weighed(0.5, 0.1),
}

interface Found {
  readonly all: QualitySums
  /** Of items that the person had not looked at. */
  readonly unseen: QualitySums
  readonly micros: number
}

export function shopBench(bench: ShopBench, say: (text: string) => void): BenchRow[] {
  const names = Object.keys(variants)
  const found = new Map<string, Found[]>(names.map((name) => [name, []]))
  for (const seed of bench.seeds) {
    const records = [...shopRecords({ seed, events: bench.events })]
    const events = records.filter((record): record is ShopEvent => !isStockChange(record))
    for (const name of names) {
      const one = judge(events, variants[name]!, { seed, effort: 'light' })
      found.get(name)!.push(one)
      say(`shop seed=${seed} ${name}: ${textOf(one)}`)
    }
  }
  const meanOf = (name: string, span: 'all' | 'unseen', of: 'hr10' | 'ndcg10') =>
    mean(found.get(name)!.map((one) => qualityOf(one[span])[of] ?? 0))
  return names.flatMap((name) =>
    (['all', 'unseen'] as const).map((span) => {
      const [hr, ndcg] = [meanOf(name, span, 'hr10'), meanOf(name, span, 'ndcg10')]
      return {
        ...{ bench: 'shop', case: `${name}, ${span} purchases`, engine: 'wasm' },
        ...{ value: round(hr), unit: `HR@10 (NDCG@10 ${round(ndcg)})`, against: names[0]! },
        ratio: round(hr / meanOf(names[0]!, span, 'hr10')),
      }
    }),
  )
}

function judge(
  events: readonly ShopEvent[],
  actions: string,
  flags: Record<string, unknown>,
): Found {
  const { config } = readConfig({ flags: { probeUsersMax: 0, ...flags }, env: {} })
  const rules = parseMapping({ ...config, actions, measureActions: 'purchase' }).actions
  const [users, items] = [new Map<string, number>(), new Map<string, number>()]
  const seen = new Set<string>()
  const bought = new Set<string>()
  const sums = { all: newQuality(), unseen: newQuality() }
  let rank = notRanked
  const learner = createLearner(config, createWasmEngine(), {
    onRanks(_earlier, ranks) {
      rank = ranks[0]!
    },
  })
  const from = process.cpuUsage().user
  for (const [place, { user, item, timestamp, action }] of events.entries()) {
    const rule = rules.named.get(action)!
    if (rule.effect !== 'SKIP') {
      rank = notRanked
      const effect = rule.effect === 'ADD' ? addAction : removeAction
      const code = eventCode({ user, item, timestamp, action: rule.effect, ...rule })
      learner.apply(idOf(users, user), idOf(items, item), timestamp, effect, 1, code)
    }
    const pair = `${user} ${item}`
    if (action === 'purchase' && !bought.has(pair) && place >= lateShare * events.length) {
      addRank(sums.all, rank)
      if (!seen.has(pair)) addRank(sums.unseen, rank)
    }
    seen.add(pair)
    if (action === 'purchase') bought.add(pair)
    else if (action === 'return') bought.delete(pair)
  }
  const micros = (process.cpuUsage().user - from) / events.length
  return { ...sums, micros }
}

function textOf({ all, unseen, micros }: Found): string {
  const figures = (sums: QualitySums): string => {
    const { hr10, ndcg10 } = qualityOf(sums)
    return `${sums.events}: ${round(hr10 ?? 0)}/${round(ndcg10 ?? 0)}`
  }
  return `all ${figures(all)}, unseen ${figures(unseen)}, ${micros.toFixed(0)} µs an event`
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function round(value: number): number {
  return Number(value.toFixed(4))
}

function idOf(ids: Map<string, number>, name: string): number {
  const known = ids.get(name)
  if (known !== undefined) return known
  ids.set(name, ids.size)
  return ids.size - 1
}
