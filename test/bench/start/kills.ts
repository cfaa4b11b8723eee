// kill -9 of one of a group of one and of two, at default settings, while events come: from the start of the process in
// its place until the group is whole and lists have come in every partition since then.

import { setTimeout as delay } from 'node:timers/promises'
import { createRandom } from '../../../src/sample/random.ts'
import { membersNow, spreadOf, untilWhole } from '../../chaos/recovery.ts'
import { keepWorkers, type WorkerSet } from '../../chaos/worker-set.ts'
import { makeJournal } from '../../e2e/journal.ts'
import { openScene, type Place, type Scene } from '../../e2e/scene.ts'
import type { BenchRow } from '../store.ts'

const groups = [
  { name: 'one', workers: 1, goal: 5 },
  { name: 'two', workers: 2, goal: 10 },
]
/** Events a second, and how many are sent at once. */
const rate = 120
const atOnce = 12
/** Longest wait between a recovery and the next kill: longer than there is between two commits. */
const pauseMsMax = 8_000
const withinMs = 120_000
const pollMs = 20
const firstMs = 1_700_000_000_000

export async function killRows(
  place: Place,
  kills: number,
  say: (line: string) => void,
): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  for (const { name, workers, goal } of groups) {
    const all = await recoveries(place, { workers, kills }, say)
    const { p50, max } = spreadOf(all)
    const of = `kill -9 group of ${name}`
    const shown = { bench: 'start', unit: 's', against: `goal ${goal} s` }
    rows.push({ ...shown, case: `${of}, half of ${kills}`, value: p50, ratio: p50 / goal })
    rows.push({ ...shown, case: of, value: max, ratio: Number((max / goal).toFixed(3)) })
  }
  return rows
}

/** The seconds that each of `kills` kills cost. */
async function recoveries(
  place: Place,
  { workers, kills }: { readonly workers: number; readonly kills: number },
  say: (line: string) => void,
): Promise<number[]> {
  const scene = await openScene(place)
  const workerSet = keepWorkers(workers, scene, {})
  const stream = feed(scene)
  const random = createRandom(workers, 'kills')
  const seconds: number[] = []
  try {
    await untilListed(scene, workerSet, performance.now())
    for (let kill = 1; kill <= kills; kill++) {
      await delay(random.unit() * pauseMsMax)
      const before = await membersNow(scene)
      await workerSet.killOne(random.below(workers))
      const startedAt = performance.now()
      const since = () => (performance.now() - startedAt) / 1000
      await untilWhole(scene, { victim: 'worker', before, members: workers, withinMs })
      const whole = since()
      await untilListed(scene, workerSet, startedAt)
      seconds.push(since())
      const [all, part] = [since(), whole].map((value) => value.toFixed(2))
      say(`start: kill ${kill} of a group of ${workers}: lists after ${all} s, whole after ${part}`)
    }
    await stream.end()
    const ends = await workerSet.stop()
    if (ends.some((end) => end !== 0) || workerSet.surprises().length > 0) {
      throw new Error(`ended with ${ends}, and ${workerSet.surprises()}:\n${workerSet.words()}`)
    }
    return seconds
  } finally {
    workerSet.kill()
    await stream.end()
    await scene.close()
  }
}

/** Until every partition of the lists has got a list from now on. */
async function untilListed(scene: Scene, workerSet: WorkerSet, startedAt: number): Promise<void> {
  const before = await endsOf(scene)
  for (;;) {
    const now = await endsOf(scene)
    if ([...before].every(([partition, end]) => (now.get(partition) ?? 0) > end)) return
    if (performance.now() - startedAt > withinMs) {
      throw new Error(`no lists within ${withinMs / 1000} s:\n${workerSet.words()}`)
    }
    await delay(pollMs)
  }
}

async function endsOf({ kafka, lists }: Scene): Promise<Map<number, number>> {
  const ends = await kafka.admin.fetchTopicOffsets(lists)
  return new Map(ends.map(({ partition, high }) => [partition, Number(high)]))
}

/** Sends events steadily until it is ended. */
function feed(scene: Scene) {
  let isOver = false
  const sending = send()

  async function send(): Promise<void> {
    for (let n = 1; !isOver; n++) {
      const startMs = firstMs + 1_000 * n
      const size = { events: atOnce, users: 5_000, items: 2_000 }
      await scene.produce(makeJournal({ ...size, seed: n, startMs }), n * atOnce)
      await delay((1000 * atOnce) / rate)
    }
  }

  return {
    async end() {
      isOver = true
      await sending
    },
  }
}
