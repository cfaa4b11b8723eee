// More users and items than the model may hold: who was idle for longest makes room, and nothing of them is taken for
// those who come after them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Interaction } from '../../../src/types.ts'
import { all, bounds, coreOf, createMainSide, play } from '../evicting.ts'

/** Who the users and items are that were met last, by looking back through the stream. */
function newestNames(events: readonly Interaction[], of: 'user' | 'item', most: number): string[] {
  const names = new Set<string>()
  for (const event of events.toReversed()) {
    if (names.size === most) break
    names.add(event[of])
  }
  return [...names].sort()
}

test('the users that the model holds are those who were met last, and lists name only what it holds', () => {
  const main = createMainSide(bounds)
  const core = coreOf()
  let done = 0
  let listed = 0
  play(core, main, [0, all.length], 20, ({ lists }) => {
    done += 60
    const before = all.slice(0, done)
    const [users, items] = [core.input.users.slice(), core.input.items.slice()]
    assert.deepEqual(users.toSorted(), newestNames(before, 'user', bounds.users))
    const held = items.filter((name) => name !== '')
    assert.deepEqual(held.toSorted(), newestNames(before, 'item', held.length))
    assert.ok(held.length > bounds.items - 2 * 5)
    for (const list of lists) {
      listed += list.items.length
      const user = users[list.user]!
      assert.ok(before.slice(-60 * 20).some((event) => event.user === user))
      for (const item of list.items) {
        assert.notEqual(items[item], '')
        assert.equal(before.findLast((e) => e.item === items[item])?.item, items[item])
        assert.ok(!core.learner.positives.has(list.user, item))
      }
    }
  })
  assert.ok(core.input.evictions.users > 100 && core.input.evictions.items > 100)
  assert.ok(listed > 1_000)
})

test('a user has what was added since they were met and held, and no more', () => {
  const main = createMainSide(bounds)
  const core = coreOf(undefined, { probeUsersMax: 0 })
  /** By user the items that they have, by name, as the rules say. */
  const plain = new Map<string, Set<string>>()
  const order = { user: [] as string[], item: [] as string[] }
  let free = bounds.items
  let next = 0
  const evict = () => {
    for (const gone of order.item.splice(0, 5)) for (const own of plain.values()) own.delete(gone)
    return 5
  }
  const meet = (of: 'user' | 'item', name: string) => {
    const names = order[of]
    const at = names.indexOf(name)
    if (at >= 0) names.splice(at, 1)
    else if (of === 'user' && names.length === bounds.users) plain.delete(names.shift()!)
    else if (of === 'item') {
      if (free === 0) [free, next] = [next, 0]
      if (next === 0 && free <= 5) next = evict()
      free--
    }
    names.push(name)
  }
  let done = 0
  play(core, main, [0, all.length], 7, () => {
    for (const { user, item, action } of all.slice(done, done + 60)) {
      meet('user', user)
      meet('item', item)
      const own = plain.get(user) ?? new Set()
      plain.set(user, own)
      if (action === 'ADD') own.add(item)
      else own.delete(item)
    }
    done += 60
    const [users, items] = [core.input.users.slice(), core.input.items.slice()]
    const { runs } = core.learner.positives
    users.forEach((name, user) => {
      const start = runs.start[user]!
      const own = runs.items.subarray(start, start + runs.length[user]!)
      // What has lost its name is on its way out of what users have.
      const names = Array.from(own, (item) => items[item]!).filter((item) => item !== '')
      assert.deepEqual(names.sort(), [...(plain.get(name) ?? [])].sort(), `${name} after ${done}`)
    })
  })
})

test('what takes an id has nothing of what had it before', () => {
  const main = createMainSide(bounds)
  const core = coreOf()
  play(core, main, [0, 1_200], 20)
  const before = main.items.evictions
  // The newest items all come once more, and then so many new ones that some of the others go.
  const time = all[1_199]!.timestamp + 1
  const someone = core.input.users.name(0)
  let at = 1_200
  const one = (event: Interaction) => {
    core.take(main.batch([event], at++), 0)
    while (core.queued > 0) core.turn(64, 0)
    core.turn(1, 0)
  }
  for (let k = 0; main.items.evictions === before; k++) {
    one({ user: someone, item: `new ${k}`, timestamp: time + k, action: 'ADD' })
  }
  const { items } = core.input
  const vacant = [...items.slice().keys()].filter((item) => items.is(item, ''))
  assert.ok(vacant.length > 0)
  // Nothing is learned from what is taken back.
  for (const item of vacant) {
    one({ user: someone, item: `newer ${item}`, timestamp: time, action: 'REMOVE' })
  }
  for (const item of vacant) assert.match(items.name(item), /^newer/)
  const { learner } = core
  const fresh = coreOf().learner
  fresh.grow(bounds.users, bounds.items)
  for (const item of vacant) {
    assert.equal(learner.positives.holders[item], 0)
    assert.equal(learner.prequential.popularity(item), 0)
    for (let other = 0; other < bounds.items; other++) {
      assert.equal(learner.neighbours.similarity(other, item), 0)
      assert.equal(learner.neighbours.similarity(item, other), 0)
    }
    for (const { network } of learner.networks) {
      const like = fresh.networks.find((one) => one.network.spec.name === network.spec.name)!
      const anew = like.network.tensors()
      for (const [name, { shape, data }] of network.tensors()) {
        if (!/\.(item|bias|context)(\.squares)?$/.test(name) || shape[0]! < bounds.items) continue
        const shift = name.includes('.context') && network.spec.startItem ? 1 : 0
        const width = shape[1]!
        const [first, end] = [(item + shift) * width, (item + shift + 1) * width]
        const want = anew.get(name)!.data.slice(first, end)
        assert.deepEqual(data.slice(first, end), want, `${name} of item ${item}`)
      }
    }
  }
})
