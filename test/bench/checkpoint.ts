// How fast a checkpoint is kept and read back, against the same bytes as one bare file that is written and
// synced: what checksums, texts and safety cost. Run: node dist/test/bench/checkpoint.js [MB] [directory]

import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { createDiskCheckpointStore } from '../../src/adapters/disk/checkpoint-store.ts'

const rounds = 5
const [, , megabytes = '64', parent = tmpdir()] = process.argv
const root = mkdtempSync(join(parent, 'bench-'))
const numbers = Float32Array.from({ length: Number(megabytes) * 250_000 }, (_, at) => Math.sin(at))
const names = Array.from({ length: numbers.length >> 5 }, (_, at) => `user-${at * 7919}`)
const tensors = new Map([['rows', { shape: [numbers.length], data: numbers }]])
const texts = new Map([['users', names]])
const store = createDiskCheckpointStore({
  directory: join(root, 'store'),
  kept: 2,
  bytesMax: 2 ** 34,
})
await store.claimEpoch()

const times = {
  bare: [] as number[],
  held: [] as number[],
  saved: [] as number[],
  read: [] as number[],
}
let bytes = 0
for (let generation = 1; generation <= rounds; generation++) {
  times.bare.push(bareWrite())
  const start = performance.now()
  const saving = store.save({ generation, facts: {}, tensors, texts })
  times.held.push(performance.now() - start)
  bytes = (await saving).bytes
  times.saved.push(performance.now() - start)
  const again = performance.now()
  await store.latest()
  times.read.push(performance.now() - again)
}
rmSync(root, { recursive: true })

const print = (text: string): void => void process.stdout.write(`${text}\n`)
print(`${(bytes / 1e6).toFixed(1)} MB, ${names.length} texts, ${rounds} rounds: min / median`)
show('bare file, written and synced', times.bare)
show('save: until the arrays are free', times.held)
show('save: until durable', times.saved)
show('latest: checked and in memory', times.read)

/** The same numbers, no checksum, no rename. */
function bareWrite(): number {
  const start = performance.now()
  const fd = openSync(join(root, 'bare'), 'w')
  const all = new Uint8Array(numbers.buffer)
  for (let done = 0; done < all.length; ) done += writeSync(fd, all, done)
  fsyncSync(fd)
  closeSync(fd)
  return performance.now() - start
}

function show(what: string, ms: number[]): void {
  const [min = 0, , median = 0] = ms.toSorted((a, b) => a - b)
  const rate = (time: number): string => `${Math.round(bytes / 1e3 / time)} MB/s`
  print(
    `${what.padEnd(34)} ${min.toFixed(0)} / ${median.toFixed(0)} ms, ${rate(min)} / ${rate(median)}`,
  )
}
