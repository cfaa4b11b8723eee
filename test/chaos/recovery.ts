// How long the workers take to serve every partition again after a kill: from the moment when what was killed has been
// started again until the group is whole and every partition is committed past all that stood in it by then. A commit
// waits for the lists that follow from its records.

import { setTimeout as delay } from 'node:timers/promises'
import { retryWhileCold } from '../../src/adapters/kafka/client/cold-broker.ts'
import type { Scene } from '../e2e/scene.ts'

export type Victim = 'worker' | 'redis' | 'broker'

export interface Recovery {
  readonly victim: Victim
  /** From the start of what was killed until the group was whole; from there until every partition was served. */
  readonly wholeSeconds: number
  readonly seconds: number
}

export interface Spread {
  readonly p50: number
  readonly max: number
}

/** A group as it should be again. */
export interface WholeGroup {
  readonly victim: Victim
  /** Of the group before the kill. */
  readonly before: ReadonlySet<string>
  /** How many members a whole group has. */
  readonly members: number
  readonly withinMs: number
}

export interface Wanted extends WholeGroup {
  /** True once nothing more is produced. */
  readonly isOver: () => boolean
}

const lookAgainMs = 100

export async function membersNow(scene: Scene): Promise<ReadonlySet<string>> {
  return (await group(scene)).members
}

/** Looks until it is done. @throws Error when it takes too long */
function untilWithin(withinMs: number) {
  const startedAt = performance.now()
  const since = (): number => (performance.now() - startedAt) / 1000
  /** `told` says what is still missing. */
  const until = async (done: () => Promise<boolean>, told: () => string): Promise<void> => {
    let refused: unknown
    // A broker that was just started answers some requests and refuses others.
    const isDone = () =>
      done().catch((error: unknown) => {
        refused = error
        return false
      })
    while (!(await isDone())) {
      if (since() * 1000 > withinMs) {
        const words = `not served again ${since()} s after a kill: ${told()}`
        throw new Error(words, { cause: refused })
      }
      await delay(lookAgainMs)
    }
  }
  return { since, until }
}

/** To be called when what was killed has been started again. @throws Error when it takes too long */
export async function untilWhole(scene: Scene, wanted: WholeGroup): Promise<void> {
  const { victim, before, members, withinMs } = wanted
  let found = 'no answer'
  await untilWithin(withinMs).until(
    async () => {
      const now = await group(scene)
      found = `the group is ${now.state} with ${[...now.members].join(', ')}`
      const isNew = victim !== 'worker' || [...before].some((id) => !now.members.has(id))
      return now.state === 'Stable' && now.members.size === members && isNew
    },
    () => found,
  )
}

/** The same, and until every partition is served. */
export async function recovered(scene: Scene, wanted: Wanted): Promise<Recovery> {
  const { victim, isOver, withinMs } = wanted
  const { since, until } = untilWithin(withinMs)
  await untilWhole(scene, wanted)
  const wholeSeconds = since()
  const waiting = new Map<number, { readonly end: number; readonly waits: boolean }>()
  await until(
    async () => {
      const then = await committed(scene)
      for (const [partition, end] of await ends(scene)) {
        waiting.set(partition, { end, waits: end > (then.get(partition) ?? 0) })
      }
      return true
    },
    () => 'the ends of the partitions are not known',
  )
  let now = new Map<number, number>()
  // Where nothing waits, only a record that comes later shows that the partition is served.
  const missing = (): string[] =>
    [...waiting].flatMap(([partition, { end, waits }]) => {
      const [at, to] = [now.get(partition) ?? 0, waits || isOver() ? end : end + 1]
      return at < to ? [`partition ${partition} is committed to ${at} of ${to}`] : []
    })
  await until(
    async () => {
      now = await committed(scene)
      return missing().length === 0
    },
    () => `${missing().join(', ')}; the stream is ${isOver() ? 'over' : 'not over'}`,
  )
  return { victim, wholeSeconds, seconds: since() }
}

export function spreadOf(seconds: readonly number[]): Spread {
  const sorted = [...seconds].sort((a, b) => a - b)
  const rounded = (value = 0) => Math.round(value * 100) / 100
  return { p50: rounded(sorted[Math.floor(sorted.length / 2)]), max: rounded(sorted.at(-1)) }
}

async function group({ kafka, group: name }: Scene) {
  const { groups } = await retryWhileCold(() => kafka.admin.describeGroups([name]))
  const [found] = groups
  const members = new Set(found?.members.map(({ memberId }) => memberId))
  return { state: found?.state, members }
}

async function committed({ kafka, group: groupId, input }: Scene): Promise<Map<number, number>> {
  const place = { groupId, topics: [input] }
  const [found] = await retryWhileCold(() => kafka.admin.fetchOffsets(place))
  const all = found?.partitions ?? []
  return new Map(all.map(({ partition, offset }) => [partition, Math.max(0, Number(offset))]))
}

async function ends({ kafka, input }: Scene): Promise<Map<number, number>> {
  const all = await retryWhileCold(() => kafka.admin.fetchTopicOffsets(input))
  return new Map(all.map(({ partition, high }) => [partition, Number(high)]))
}
