// The real entry of the trainer's thread, which also tells how much memory its arrays take, again and again.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { BroadcastChannel } from 'node:worker_threads'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
const memory = new BroadcastChannel('memory of the trainer')
await import('../../../src/thread.ts')
setInterval(() => {
  collectGarbage()
  memory.postMessage(process.memoryUsage().arrayBuffers)
}, 50).unref()
