// `size`: what it computes, and how much of a given memory is left for neighbours.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sizeCommand } from '../../src/command/size.ts'
import type { Footprint } from '../../src/trainer/model/footprint.ts'
import { commandIo } from './captured.ts'

type Told = Footprint & { neighboursBytesMax?: number; least: number; refused: string[] }

async function size(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const io = { ...commandIo(), env }
  const shop = ['--users', '1000000', '--items', '300000', '--positives', '10']
  await sizeCommand(io).parseAsync([...shop, ...args], { from: 'user' })
  return io.stdout.text
}
const told = async (args: readonly string[], env?: Record<string, string>) =>
  JSON.parse(await size([...args, '--json'], env)) as Told

test('what neighbours may take of a memory makes all together fit it', async () => {
  const available = 2 ** 31
  const { memory, least, neighboursBytesMax } = await told(['--memory', String(available)])
  assert.ok(memory > available && least < available)
  const env = { NEUPR_NEIGHBOURS_BYTES_MAX: String(neighboursBytesMax) }
  const bounded = await told(['--memory', String(available)], env)
  assert.ok(Math.abs(bounded.memory - available) < 2, `${bounded.memory} bytes`)
  const text = await size(['--memory', String(available)])
  assert.ok(text.includes(`2.1 GB  are enough with --neighbours-bytes-max ${neighboursBytesMax}\n`))
})

test('a memory that holds all of it needs no setting, and one that holds too little says by how much', async () => {
  assert.match(await size(['--memory', '8e9']), /of memory +8\.0 GB {2}are enough\n/)
  const few = await told(['--memory', '1e9'])
  const lacking = (few.least - 1e9) / 1e6
  assert.equal(few.neighboursBytesMax, 0)
  assert.deepEqual(few.refused, [
    `1.0 GB of memory are too little by ${Math.ceil(lacking)} MB, even with the fewest neighbours: ` +
      'hold fewer users or items, or set a lower NEUPR_FACTORS',
  ])
  const less = await told(['--memory', '1e9'], { NEUPR_FACTORS: '8' })
  assert.ok(less.least < few.least)
})

test('a memory that leaves less than a worker starts with is too little, by what is missing', async () => {
  const { least } = await told(['--memory', '1e9'])
  const enough = await told(['--memory', String(Math.ceil(least) + 1)])
  assert.ok(enough.neighboursBytesMax! >= 64 * 1_000_000 && enough.refused.length === 0)
  const [refusal] = (await told(['--memory', String(least - 5e6)])).refused
  assert.match(refusal!, /^1\.\d GB of memory are too little by 5 MB/)
})

test('a memory that is no number is refused', async () => {
  await assert.rejects(size(['--memory', '2GiB']), /--memory needs a number above 0, got 2GiB/)
})

test('without Redis the positive sets are in the worker a second time', async () => {
  const [alone, beside] = [await told(['--no-redis']), await told([])]
  assert.ok(alone.perUser > 1.2 * beside.perUser, `${alone.perUser} and ${beside.perUser} bytes`)
  assert.ok(Math.abs(alone.memory - beside.memory - 1e6 * (alone.perUser - beside.perUser)) < 1)
  assert.equal(alone.checkpoint, beside.checkpoint)
})
