// Lists that no event asks for: made while nothing waits, for users who were active lately, once the model has changed.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createUnaskedUsers } from '../../../src/trainer/lists/unasked-users.ts'
import { configOf, coreOf, streamOf } from '../stream.ts'

const day = 86_400_000

/** Ten users: user u was active u days ago, and was listed after 100 * u events. */
function usersOf(more: Partial<Parameters<typeof createUnaskedUsers>[0]> = {}) {
  return createUnaskedUsers({
    staleAfterEvents: 500,
    staleActiveMs: 5 * day,
    now: () => 100 * day,
    rankedAt: (user) => 100 * user,
    listedAt: (user) => (100 - user) * day,
    waits: () => false,
    hasPositives: () => true,
    isRead: () => true,
    ...more,
  })
}

test('a list is stale after a set number of events, and only if the user was active lately', () => {
  assert.deepEqual(usersOf().stale(10, 10, 800), [0, 1, 2, 3])
  assert.deepEqual(usersOf().stale(10, 10, 5_000), [0, 1, 2, 3, 4, 5])
  assert.deepEqual(usersOf({ staleActiveMs: 50 * day }).stale(10, 10, 5_000).length, 10)
})

test('no user who waits, has not been read or has no list is ranked as stale', () => {
  const users = usersOf({
    waits: (user) => user === 0,
    isRead: (user) => user !== 1,
    listedAt: (user) => (user === 2 ? undefined : 100 * day),
  })
  assert.deepEqual(users.stale(10, 10, 5_000), [3, 4, 5, 6, 7, 8, 9])
})

test('the search for stale lists goes on where it stopped, and begins again after the last user', () => {
  const users = usersOf()
  assert.deepEqual(users.stale(4, 10, 5_000), [0, 1, 2, 3])
  assert.deepEqual(users.stale(4, 10, 5_000), [4, 5])
  assert.deepEqual(users.stale(4, 10, 5_000), [0, 1])
})

test('under load no such list is made; at rest all of them are, each once', () => {
  const live = { deterministic: false, source: 'kafka:events', listPauseMs: 0 }
  const config = configOf({ factors: 4, effort: 'light', listStaleEvents: 1_000, ...live })
  const core = coreOf(config)
  const lists: number[] = []
  for (const batch of streamOf(4_000)) {
    core.take(batch, 0)
    while (core.hasWork) {
      core.turn(64, 0)
      lists.push(...core.rank(1).flatMap(({ user, restated }) => (restated ? user : [])))
    }
  }
  assert.deepEqual(lists, [], 'no list went out that no event asked for')
  const users = core.stats(true).users
  const before = core.lists.ranked
  core.rankUnasked(() => true)
  assert.equal(core.lists.ranked, before, 'a round without time makes no list')
  core.rankUnasked(() => false)
  const made = core.lists.ranked - before
  assert.ok(made > 0 && made < users, `${made} of ${users} lists were stale`)
  core.rankUnasked(() => false)
  assert.equal(core.lists.ranked - before, made, 'none is stale any more')
})
