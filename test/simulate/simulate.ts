// A group of workers in one process, without threads and clocks: one seeded scheduler takes one step after the other,
// of any worker, and lets workers crash, sleep, lose and gain streams, and records come late, twice or never. What has
// to hold, whatever happens, is checked after every step and at the end.

import assert from 'node:assert/strict'
import { createRandom, type Random } from '../../src/sample/random.ts'
import type { UpdateRecord } from '../../src/updates/record.ts'
import { beginOf, checkBase, checkEvents, checkLearned } from './checks.ts'
import type { SimulatedEvent, SimulatedModel } from './model.ts'
import { referenceOf } from './reference.ts'
import { createSimulatedWorker, type Fault, type SimulatedWorker, type Streams } from './worker.ts'

export interface Simulation {
  readonly seed: number
  readonly workers?: number
  readonly steps?: number
  readonly createModel: () => SimulatedModel
  readonly fault?: Fault
  /** Starts a worker at a place of the group; left out: one around the model. */
  readonly start?: (author: string, place: number, streams: Streams) => SimulatedWorker
  /** Nobody chooses an item twice. */
  readonly isOnce?: boolean
}

export interface Simulated {
  readonly records: number
  readonly passedOver: number
  readonly crashes: number
  readonly moves: number
}

const streamCount = 4
const eventsPerStream = 60
/** Of base and values at the end: what was rounded off and waits for the next move. */
const distanceMax = 0.02

export function simulate({
  seed,
  workers = 3,
  steps = 400,
  isOnce = false,
  ...around
}: Simulation): Simulated {
  const random = createRandom(seed, 'scheduler')
  const streams = createStreams(createRandom(seed, 'events'), isOnce)
  const group = createGroup(streams, workers, random, around)
  for (let step = 0; step < steps; step++) group.step()
  group.settle()
  return group.check()
}

function createStreams(random: Random, isOnce: boolean): Streams {
  const streams = Array.from({ length: streamCount }, (_, s) => {
    const had = new Set<string>()
    const draw = (): readonly [user: string, item: string] => {
      const drawn = [`${s}-${random.below(isOnce ? 8 : 3)}`, `i${random.below(12)}`] as const
      if (isOnce && had.has(drawn.join())) return draw()
      had.add(drawn.join())
      return drawn
    }
    const events: SimulatedEvent[] = Array.from({ length: eventsPerStream }, (_, k) => {
      const [user, item] = draw()
      return { user, item, time: k }
    })
    return [`events/${s}`, events] as const
  })
  return new Map(streams)
}

function createGroup(
  streams: Streams,
  count: number,
  random: Random,
  { createModel, fault, start: startWith }: Pick<Simulation, 'createModel' | 'fault' | 'start'>,
) {
  const log: UpdateRecord[] = []
  /** Records of workers that are no more. */
  const orphans: UpdateRecord[] = []
  /** By the number of records read, the base of whoever came there first. */
  const bases = new Map<number, string>()
  const positions = new Map<string, number>()
  let starts = 0
  let crashes = 0
  let moves = 0
  const workers = Array.from({ length: count }, (_, w) => start(w))
  let assignment = deal()

  function start(place: number): SimulatedWorker {
    const author = fault === 'one name for two' ? 'worker' : `worker-${++starts}`
    if (startWith !== undefined) return startWith(author, place, streams)
    const model = createModel()
    const numbersMax = model.numbersMin + random.below(200)
    return createSimulatedWorker(author, streams, model, numbersMax, fault)
  }

  /** Every stream to one worker. */
  function deal(): Set<string>[] {
    const dealt = Array.from({ length: count }, () => new Set<string>())
    for (const stream of streams.keys()) dealt[random.below(count)]!.add(stream)
    return dealt
  }

  function deliver(from: UpdateRecord[]): void {
    const record = from.shift()
    if (record === undefined) return
    log.push(record)
    // The answer got lost, and the record is sent again, maybe behind others.
    if (random.below(20) === 0) from.splice(random.below(from.length + 1), 0, record)
  }

  function crash(w: number): void {
    crashes++
    const { underWay } = workers[w]!
    orphans.push(...underWay.slice(0, random.below(underWay.length + 1)))
    workers[w] = start(w)
  }

  function read(worker: SimulatedWorker): void {
    if (worker.read === log.length) return
    worker.readNext(log, 1 + random.below(3))
    const base = worker.base()
    const first = bases.get(worker.read)
    if (first === undefined) bases.set(worker.read, base)
    else assert.equal(base, first, `${worker.author} has another base at record ${worker.read}`)
    for (const stream of streams.keys()) {
      const position = worker.positionOf(stream)
      const key = `${worker.author} ${stream}`
      assert.ok(position >= (positions.get(key) ?? 0), `${stream} goes back to ${position}`)
      positions.set(key, position)
    }
  }

  function step(): void {
    const w = random.below(count)
    const worker = workers[w]!
    const kind = random.below(100)
    if (kind < 30) worker.learn(1 + random.below(4))
    else if (kind < 42) worker.append()
    else if (kind < 62) deliver(worker.underWay)
    else if (kind < 90) read(worker)
    else if (kind < 93) deliver(orphans)
    else if (kind < 96) worker.assign(assignment[w]!)
    else if (kind < 97) worker.save?.()
    else if (kind < 98) {
      assignment = deal()
      moves++
    } else crash(w)
  }

  /** Everybody hears of the assignment, and all is learned, appended and read. */
  function settle(): void {
    const isDone = (): boolean => workers.every((worker) => worker.isDone(log))
    for (let round = 0; round < 1_000; round++) {
      if (round > 0 && orphans.length === 0 && isDone()) return
      workers.forEach((worker, w) => {
        worker.assign(assignment[w]!)
        worker.learn(8)
        worker.append()
        while (worker.underWay.length > 0) deliver(worker.underWay)
        while (orphans.length > 0) deliver(orphans)
        while (worker.read < log.length) read(worker)
      })
    }
    assert.fail('the group does not come to an end')
  }

  function check(): Simulated {
    const model = createModel()
    model.grow(1)
    for (const record of log) checkEvents(record, streams)
    const reference = referenceOf(log, (table, row, width) => beginOf(model, table, row, width))
    for (const [stream, events] of streams) checkLearned(stream, events.length, reference)
    for (const worker of workers) {
      checkBase(worker, reference)
      const distance = worker.distance()
      assert.ok(distance < distanceMax, `${worker.author} is ${distance} away from the base`)
      const others = reference.counted.filter(({ author }) => author !== worker.author)
      const events = others.reduce((sum, { events }) => sum + events.items.length, 0)
      const { counted = events } = worker
      assert.equal(counted, events, `${worker.author} has counted other events`)
    }
    const passedOver = log.length - reference.counted.length
    return { records: log.length, passedOver, crashes, moves }
  }

  return { step, settle, check }
}
