// The loop of the trainer's thread: work at once when there is some, rest when there is none, and no message waits for
// the end of a rest.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/errors.ts'
import type { FromTrainer, GroupState, ToTrainer } from '../../../src/requests.ts'
import type { Driver } from '../../../src/trainer/loop/driver.ts'
import { startLoop } from '../../../src/trainer/loop/loop.ts'

interface Loop {
  readonly receive: ReturnType<typeof startLoop>
  readonly posted: FromTrainer[]
  readonly calls: string[]
  /** Rests under way whose end has not come: call it to let it come. */
  readonly rests: (() => void)[]
  /** How long each of them is to last. */
  readonly restsMs: number[]
  /** Messages that have come while it works. */
  readonly inbox: ToTrainer[]
  readonly clock: { ms: number }
  /** Resolves when the loop has come to rest, or has ended. */
  quiet(): Promise<void>
}

const nothingRead: GroupState = {
  ...{ verdicts: [], next: 0, learned: 0, pending: 0, isLost: false },
  ...{ owned: [], streams: [], unknownItems: 0 },
}

function loopOf(driver: Partial<Driver> = {}): Loop {
  const calls: string[] = []
  const posted: FromTrainer[] = []
  const rests: (() => void)[] = []
  const restsMs: number[] = []
  const inbox: ToTrainer[] = []
  const clock = { ms: 0 }
  const own: Driver = {
    done: 0,
    take: () => void calls.push('take'),
    step: async () => {
      calls.push('step')
      return false
    },
    finish: async () => void calls.push('finish'),
    rest: () => {
      calls.push('rest')
      return Infinity
    },
    checkpoint: async () => 7,
    rollBack: async () => undefined,
    relist: () => undefined,
    nameItems: (names) => void calls.push(`named ${names.join(' ')}`),
    readUpdates: () => nothingRead,
    takeUpdate: () => [],
    claimStreams: () => new Uint8Array(0),
    takeItems: () => 0,
    answer: () => undefined as never,
    ...driver,
  }
  const receive = startLoop({
    driver: own,
    post: (message) => posted.push(message),
    later: (ms, then) => {
      let isOver = false
      const end = () => (isOver ? undefined : then())
      if (ms === 0) setImmediate(end)
      else {
        rests.push(end)
        restsMs.push(ms)
      }
      return () => void (isOver = true)
    },
    poll: () => inbox.shift(),
    nowMs: () => clock.ms,
    onClosed: () => calls.push('closed'),
  })
  return {
    ...{ receive, posted, calls, rests, restsMs, inbox, clock },
    async quiet() {
      const before = rests.length
      while (rests.length === before && !calls.includes('closed')) {
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
  }
}

test('a message ends the rest, and the end of a rest that was cut short does nothing', async () => {
  const { receive, posted, calls, rests, quiet } = loopOf()
  await quiet()
  assert.deepEqual(calls.splice(0), ['step', 'rest'])
  receive({ kind: 'checkpoint', number: 1 })
  await quiet()
  assert.deepEqual(posted, [{ kind: 'answer', number: 1, answer: 7 }])
  assert.deepEqual(calls.splice(0), ['step', 'rest'])
  rests[0]!()
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(calls, [])
  rests[1]!()
  await quiet()
  assert.deepEqual(calls, ['step', 'rest'])
})

test('a turn follows at once while there is work, and else when it is due, but soon in any case', async () => {
  const idle = [0, 0, 7, 1_000]
  const { calls, rests, restsMs, quiet } = loopOf({ rest: () => idle.shift() ?? Infinity })
  await quiet()
  assert.equal(calls.filter((call) => call === 'step').length, 3)
  rests.at(-1)!()
  await quiet()
  rests.at(-1)!()
  await quiet()
  assert.deepEqual(restsMs, [7, 100, 100])
})

test('what is refused says its code; what fails in a turn ends the loop with a report', async () => {
  let broken = false
  const { receive, posted, calls, quiet } = loopOf({
    checkpoint: () => Promise.reject(new Failure('CHECKPOINT_TAKEN', 'by another')),
    step: async () => {
      if (broken) throw new RangeError('out of bounds')
      return false
    },
  })
  await quiet()
  receive({ kind: 'checkpoint', number: 1 })
  await quiet()
  const refused = { kind: 'refused', number: 1, code: 'CHECKPOINT_TAKEN', message: 'by another' }
  assert.deepEqual(posted.splice(0), [refused])
  broken = true
  receive({ kind: 'ask', number: 2, question: { kind: 'stats' } })
  await quiet()
  const [answer, report] = posted
  assert.equal(answer!.kind, 'answer')
  assert.ok(report!.kind === 'report' && report!.report.kind === 'failed')
  assert.equal(report!.report.code, 'TRAINER_FAILED')
  assert.match(report!.report.message, /out of bounds/)
  assert.equal(calls.at(-1), 'closed')
})

const question: ToTrainer = { kind: 'ask', number: 5, question: { kind: 'stats' } }

test('questions that come amid a turn are answered in it, many for at most half of the time', async () => {
  const answered: number[] = []
  const events = 200
  let worked = 0
  const { inbox, clock, posted, receive, quiet } = loopOf({
    step: async (between) => {
      for (; worked > 0; worked--) {
        clock.ms += 1
        inbox.push(question, question)
        between?.()
        answered.push(posted.filter(({ kind }) => kind === 'answer').length)
      }
      return false
    },
    answer: () => {
      clock.ms += 3
      return undefined as never
    },
  })
  await quiet()
  worked = events
  receive({ kind: 'readUpdates', number: 1, batch: { newItems: [], records: [] } })
  await quiet()
  // Two questions of three ms for each event of one: both are answered after it, until that is 50 ms too much.
  const [first = 0] = answered
  assert.deepEqual(
    answered.slice(0, 8),
    [2, 4, 6, 8, 10, 12, 14, 16].map((n) => n + first - 2),
  )
  const spent = 3 * (answered.at(-1)! - first)
  assert.ok(spent > events + 40 && spent < events + 60, `${spent} ms beside ${events} of work`)
})

test('a frozen trainer answers questions and does nothing else', async () => {
  const { receive, posted, calls, rests, quiet } = loopOf()
  await quiet()
  receive({ kind: 'freeze', number: 1 })
  await quiet()
  calls.splice(0)
  // A turn without work ends at once, in the next rest.
  const turns = rests.length
  rests.at(-1)!()
  assert.equal(rests.length, turns + 1)
  receive({ kind: 'ask', number: 2, question: { kind: 'stats' } })
  await quiet()
  assert.deepEqual(posted, [
    { kind: 'answer', number: 1, answer: undefined },
    { kind: 'answer', number: 2, answer: undefined },
  ])
  assert.deepEqual(calls, [])
  receive({ kind: 'close', number: 3 })
  await quiet()
  assert.deepEqual(calls, ['closed'])
})

test('a question is answered while a batch is finished for what is taken out for the group', async () => {
  const { inbox, calls, clock, receive, quiet } = loopOf({
    takeUpdate: (_, between) => {
      clock.ms += 5
      inbox.push(question)
      between?.()
      return [new Uint8Array(calls.push('taken'))]
    },
    answer: () => calls.push('answered') as never,
  })
  await quiet()
  receive({ kind: 'takeUpdate', number: 1, releases: false })
  await quiet()
  assert.deepEqual(calls.slice(2, 4), ['answered', 'taken'])
})
