// A process that saves one generation after the other until it is killed, fails or has saved enough.
// Not a test: tests start it to kill it. Arguments: directory, numbers in a tensor, last generation, and `changes` to
// write all but every fifth as changes to the one before.

import process from 'node:process'
import { createDiskCheckpointStore } from '../../../src/adapters/disk/checkpoint-store.ts'
import { Failure } from '../../../src/errors.ts'

const [, , directory = '', numbers = '8', last = '1', way = 'whole'] = process.argv
// Past a limit on file sizes the system sends this signal; caught, the write fails with EFBIG instead.
process.on('SIGXFSZ', () => process.stdout.write(''))

const store = createDiskCheckpointStore({ directory, kept: 3, bytesMax: 2 ** 30 })
const { newest, checkpoint } = await store.latest()
let base = checkpoint?.generation

async function save(generation: number): Promise<void> {
  const data = new Float32Array(generation === 1 ? 8 : Number(numbers)).fill(generation)
  const tensors = new Map([['all', { shape: [data.length], data }]])
  const texts = new Map([['users', Array.from({ length: 100 }, (_, at) => `${generation}-${at}`)]])
  if (way === 'whole' || generation % 5 === 1 || base === undefined) {
    await store.save({ generation, facts: { generation }, tensors, texts })
    return
  }
  const writer = store.saveChanges(generation, base)
  const half = data.length >> 1
  writer.put('all', 0, data.subarray(0, half))
  writer.put('all', half, data.subarray(half))
  writer.putTexts('users', 0, texts.get('users')!)
  await writer.commit({
    facts: { generation },
    tensors: new Map([['all', { shape: [data.length], kind: data }]]),
    texts: new Map([['users', 100]]),
  })
}

for (let generation = newest + 1; generation <= Number(last); generation++) {
  try {
    await save(generation)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    process.stdout.write(`${error.code} ${error.message}\n`)
    break
  }
  base = generation
  process.stdout.write(`saved ${generation}\n`)
}
