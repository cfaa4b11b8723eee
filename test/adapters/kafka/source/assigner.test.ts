// Partitions stay with the members that know their users.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { type Claims, shareOut } from '../../../../src/adapters/kafka/source/assigner.ts'
import type { MemberNote, NotedMember } from '../../../../src/adapters/kafka/source/options.ts'
import { createRandom } from '../../../../src/sample/random.ts'
import { numbered, source, until } from '../reading.ts'
import { type Onlooker, onlooker } from '../real-kafka.ts'

let kafka: Onlooker
before(async () => {
  kafka = await onlooker()
})
after(() => kafka.close())

const nothing: Claims = { holds: [], held: [] }
const holding = (...holds: number[]): Claims => ({ holds, held: [] })
const having = (...held: number[]): Claims => ({ holds: [], held })

function shared(partitions: number, claims: Record<string, Claims>): Record<string, number[]> {
  const all = Array.from({ length: partitions }, (_, n) => n)
  return Object.fromEntries(shareOut(all, new Map(Object.entries(claims))))
}

test('who asks for nothing is dealt even parts', () => {
  assert.deepEqual(shared(5, { a: nothing, b: nothing }), { a: [0, 2, 4], b: [1, 3] })
  assert.deepEqual(shared(1, { a: nothing, b: nothing }), { a: [0], b: [] })
})

test('a member that is started again gets what it had, and the others keep theirs', () => {
  const members = { a: having(1, 3, 5), b: holding(0, 2, 4) }
  assert.deepEqual(shared(6, members), { a: [1, 3, 5], b: [0, 2, 4] })
})

test('who has more than its part keeps what nobody else asks for', () => {
  const members = { a: holding(0, 1, 2, 3, 4, 5), z: having(0, 2, 3) }
  assert.deepEqual(shared(6, members), { a: [1, 4, 5], z: [0, 2, 3] })
})

test('what a member has counts more than what another had, and more than a member twice', () => {
  const members = { a: having(0, 1), b: holding(0, 1), c: holding(1, 2) }
  const { b, c } = shared(6, members)
  assert.deepEqual(b, [0, 1])
  assert.ok(c?.includes(2))
})

test('any claims leave even parts, and each partition with one member', () => {
  const random = createRandom(7, 'claims')
  for (let round = 0; round < 500; round++) {
    const partitions = 1 + random.below(12)
    const some = () => Array.from({ length: random.below(14) }, () => random.below(partitions + 2))
    const claims = Array.from({ length: 1 + random.below(6) }, (_, n) => {
      return [`m${n}`, { holds: some(), held: some() }] as const
    })
    const given = Object.values(shared(partitions, Object.fromEntries(claims)))
    const sizes = given.map(({ length }) => length)
    assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, `${sizes}`)
    const all = given.flat().sort((a, b) => a - b)
    assert.deepEqual(
      all,
      Array.from({ length: partitions }, (_, n) => n),
    )
  }
})

function noteInMemory(): MemberNote & { partitions(): readonly number[] } {
  let noted: NotedMember | undefined
  return {
    read: () => noted,
    write: (member) => void (noted = member),
    clear() {
      if (noted === undefined) return
      const { groupId, topic, partitions } = noted
      noted = { groupId, topic, partitions }
    },
    partitions: () => noted?.partitions ?? [],
  }
}

test('members of a group keep their partitions while others come and go', async () => {
  const topic = await kafka.topic(6)
  await kafka.send(topic, numbered(60))
  const group = `group-${randomUUID()}`
  const notes = [noteInMemory(), noteInMemory(), noteInMemory()]
  const start = (n: number) => {
    const reader = source(topic, group, { memberNote: notes[n]! })
    const stop = new AbortController()
    const work = async (): Promise<void> => {
      const next = () => reader.readBatch(stop.signal)
      for (let batch = await next(); batch; batch = await next()) await batch.ack()
      await reader.close()
    }
    return { stop, done: work(), isAssigned: () => reader.isAssigned() }
  }
  const shares = () => notes.map((note) => note.partitions())
  const areWhole = async (): Promise<boolean> => {
    const all = shares().flat()
    return all.length === 6 && new Set(all).size === 6
  }
  const members = [start(0), start(1), start(2)]
  await until(
    'each has two',
    async () => (await areWhole()) && shares().every((s) => s.length === 2),
  )
  const first = shares()

  members[1]!.stop.abort()
  await members[1]!.done
  await until('the others have three', async () => {
    return notes[0]!.partitions().length === 3 && notes[2]!.partitions().length === 3
  })
  for (const n of [0, 2]) {
    for (const own of first[n]!) assert.ok(notes[n]!.partitions().includes(own))
  }

  members[1] = start(1)
  await until(
    'each has two again',
    async () => (await areWhole()) && shares().every((s) => s.length === 2),
  )
  assert.deepEqual(shares(), first)
  for (const { stop } of members) stop.abort()
  await Promise.all(members.map(({ done }) => done))
})
