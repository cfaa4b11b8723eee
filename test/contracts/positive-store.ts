// What every positive store must do: the same events give the same state, whatever the order, the
// repeats, the connection they came through and the moment of trimming.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import type { PositiveStore, UserLimits } from '../../src/ports/positive-store.ts'
import { kindOf, strengthCode } from '../../src/strength.ts'
import type { Interaction, UserState } from '../../src/types.ts'
import { convergence, empty, event, model, plain, strengths } from './positive-stories.ts'

/** Opens a store on the same data each time it is called, one connection after the other. */
export type OpenStore = (limits: UserLimits) => Promise<PositiveStore>

export interface StoreUnderTest {
  readonly name: string
  readonly open: OpenStore
  /** The same for events with weights, where that is told to the store. */
  readonly openWeighing?: OpenStore
  /** How many connections of their own can share the data: 1 for a store that lives in the process. */
  readonly connections: number
  readonly cases: number
  readonly end?: () => Promise<void>
}

const wide: UserLimits = { added: 1000, removed: 1000 }
const narrow: UserLimits = { added: 3, removed: 2 }
export const oddIds = [
  ...['{}', '{', '}', '}{', 'a:b', 'a}b', '%7D', '%', 'line\nbreak', '\r\n', '\0', ' ', '*', '[a]'],
  ...['?', '\\', '__proto__', 'constructor', 'häßlich', '日本', '😀', '\uffee', 'x'.repeat(256)],
]

export function positiveStoreContract(subject: StoreUnderTest): void {
  const promise = (text: string, body: () => Promise<void>) =>
    test(`${subject.name}: ${text}`, body)
  const store = once(() => subject.open(wide))
  after(async () => {
    await (await store()).close()
    await subject.end?.()
  })
  weightsContract(subject)

  for (const limits of [wide, narrow]) {
    promise(`converges, keeping the newest ${limits.added} and ${limits.removed}`, async () => {
      const stores = []
      for (let k = 0; k < subject.connections; k++) stores.push(await subject.open(limits))
      await fc.assert(convergence(stores, limits), { numRuns: subject.cases, seed: 20_26 })
      for (const one of stores) await one.close()
    })
  }

  promise('reads in the order asked, strangers empty', async () => {
    const events = [event('ann', 'tea', 5, 'ADD'), event('bob', 'tea', 7, 'REMOVE')]
    await (await store()).apply(events)
    assert.deepEqual(await (await store()).read(['bob', 'nobody', 'ann']), [
      { user: 'bob', added: [], removed: [['tea', 7]] },
      { user: 'nobody', added: [], removed: [] },
      { user: 'ann', added: [['tea', 5]], removed: [] },
    ])
    assert.deepEqual(await (await store()).read([]), [])
    await (await store()).apply([])
  })

  promise('keeps ids and times exactly', async () => {
    const times = [0, 1, -1, 1_700_000_000_123, 2 ** 52, 2 ** 53 - 1]
    const events = oddIds.flatMap((user, k) =>
      oddIds.map((item, l) => event(user, item, times[(k + l) % times.length] ?? 0, 'ADD')),
    )
    await (await store()).apply(events)
    const states = await (await store()).read(oddIds)
    assert.deepEqual(
      states.map(plain),
      oddIds.map((user) => plain(model(user, events, wide))),
    )
  })

  promise('scan gives every user with all they have', async () => {
    const users = [...oddIds, ...Array.from({ length: 2_500 }, (_, k) => `scanned ${k}`)]
    const events = users.map((user, k) =>
      event(user, `item ${k}`, k, k % 3 === 0 ? 'REMOVE' : 'ADD'),
    )
    await (await store()).apply(events)
    const seen = new Map<string, UserState>()
    for await (const state of (await store()).scan()) seen.set(state.user, state)
    for (const state of await (await store()).read(users)) {
      assert.deepEqual(plain(seen.get(state.user) ?? empty(state.user)), plain(state))
      assert.ok(state.added.length + state.removed.length > 0)
    }
  })

  promise('forgets all of a user, who may come back', async () => {
    const mine = (item: string, action: Interaction['action']) => event('leaver', item, 9, action)
    await (await store()).apply([
      mine('a', 'ADD'),
      mine('b', 'REMOVE'),
      event('stays', 'a', 9, 'ADD'),
    ])
    await (await store()).forget(['leaver', 'never seen'])
    assert.deepEqual(await (await store()).read(['leaver']), [empty('leaver')])
    assert.equal((await (await store()).read(['stays']))[0]?.added.length, 1)
    for await (const state of (await store()).scan()) assert.notEqual(state.user, 'leaver')
    await (await store()).apply([event('leaver', 'a', 3, 'ADD')])
    assert.deepEqual(await (await store()).read(['leaver']), [
      { ...empty('leaver'), added: [['a', 3]] },
    ])
  })

  promise('a user with very many events keeps the newest', async () => {
    const limits = { added: 100, removed: 10 }
    const capped = await subject.open(limits)
    const events = Array.from({ length: 20_000 }, (_, k) => event('eager', `i${k}`, k, 'ADD'))
    for (let k = 0; k < events.length; k += 500) await capped.apply(events.slice(k, k + 500))
    const [state] = await capped.read(['eager'])
    assert.deepEqual(plain(state ?? empty('eager')), plain(model('eager', events, limits)))
    await capped.close()
  })
}

function weightsContract(subject: StoreUnderTest): void {
  const open = subject.openWeighing ?? subject.open

  for (const limits of [wide, narrow]) {
    const kept = `${limits.added} and ${limits.removed}`
    test(`${subject.name}: converges with weights, keeping the newest ${kept}`, async () => {
      const stores = []
      for (let k = 0; k < subject.connections; k++) stores.push(await open(limits))
      const property = convergence(stores, limits, plain, strengths)
      await fc.assert(property, { numRuns: subject.cases, seed: 20_27 })
      for (const one of stores) await one.close()
    })
  }

  test(`${subject.name}: forgets who has nothing but additions with weights`, async () => {
    const store = await open(wide)
    const view = { ...event('viewer', 'a', 9, 'ADD'), kind: kindOf(strengthCode(0.2, true)) }
    await store.apply([view])
    const seen: string[] = []
    for await (const { user } of store.scan()) seen.push(user)
    assert.ok(seen.includes('viewer'))
    await store.forget(['viewer'])
    assert.deepEqual(await store.read(['viewer']), [empty('viewer')])
    await store.close()
  })
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
