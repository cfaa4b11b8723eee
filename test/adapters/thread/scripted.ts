// A thread that does what the test tells it, in place of the real entry: `explain` questions are orders.
//   take N     says that N events were taken        throw      fails with an unexpected error
//   exit N     ends with that code                   fail CODE  reports a failure, as the real loop does
//   hush       ends without a word when it is to close

import { parentPort } from 'node:worker_threads'
import type { FromTrainer, ToTrainer } from '../../../src/requests.ts'

const port = parentPort!
const post = (message: FromTrainer): void => port.postMessage(message)

let silent = false

port.on('message', (message: ToTrainer) => {
  if (message.kind === 'take') return
  if (message.kind === 'ask' && message.question.kind === 'explain') {
    const [order, value = ''] = message.question.user.split(' ')
    if (order === 'take') post({ kind: 'taken', events: Number(value) })
    if (order === 'hush') silent = true
    if (order === 'throw') throw new Error('out of order')
    if (order === 'exit') process.exit(Number(value))
    if (order === 'fail') {
      post({ kind: 'report', report: { kind: 'failed', code: value, message: 'it says why' } })
    }
  }
  if (message.kind === 'close' && silent) process.exit(0)
  // Of drain() nothing is heard.
  if (message.kind !== 'drain') post({ kind: 'answer', number: message.number, answer: undefined })
})
