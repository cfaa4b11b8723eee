// A process that saves one generation after the other until it is killed, fails or has saved enough.
// Not a test: tests start it to kill it. Arguments: directory, numbers in a tensor, last generation.

import process from 'node:process'
import { createDiskCheckpointStore } from '../../../src/adapters/disk/checkpoint-store.ts'
import { Failure } from '../../../src/errors.ts'

const [, , directory = '', numbers = '8', last = '1'] = process.argv
// Past a limit on file sizes the system sends this signal; caught, the write fails with EFBIG instead.
process.on('SIGXFSZ', () => process.stdout.write(''))

const store = createDiskCheckpointStore({ directory, kept: 3, bytesMax: 2 ** 30 })
const { newest } = await store.latest()
for (let generation = newest + 1; generation <= Number(last); generation++) {
  const data = new Float32Array(generation === 1 ? 8 : Number(numbers)).fill(generation)
  const tensors = new Map([['all', { shape: [data.length], data }]])
  const texts = new Map([['users', Array.from({ length: 100 }, (_, at) => `${generation}-${at}`)]])
  try {
    await store.save({ generation, facts: { generation }, tensors, texts })
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    process.stdout.write(`${error.code} ${error.message}\n`)
    break
  }
  process.stdout.write(`saved ${generation}\n`)
}
