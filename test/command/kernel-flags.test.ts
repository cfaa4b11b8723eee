// --threads and --fused of the commands that learn offline: the same model, but for the last digits of what is fused.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Command } from 'commander'
import { canFuse } from '../../src/adapters/wasm/kernel/kernel.ts'
import { addKernelOptions, type KernelFlags, openKernels } from '../../src/command/kernel-flags.ts'
import { Failure } from '../../src/errors.ts'
import { paperBatch, paperSpec } from '../bench/paper.ts'

function flagsOf(...args: string[]): KernelFlags {
  const command = addKernelOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr() {} })
  return command.parse(args, { from: 'user' }).opts<KernelFlags>()
}

/** Losses of five steps of the paper's model. */
function losses(flags: KernelFlags): number[] {
  const spec = paperSpec(8)
  const world = { users: 20, items: 30 }
  const network = openKernels(flags).create(spec, 1)
  network.grow(world.users, world.items)
  return [1, 2, 3, 4, 5].map((seed) =>
    network.step(paperBatch(spec, { ...world, seed, instances: 128 }), 'together'),
  )
}

test('one thread and two lose the same, bit by bit', () => {
  assert.deepEqual(losses(flagsOf('--threads', '2')), losses(flagsOf()))
  assert.throws(() => flagsOf('--threads', '3'), /choices are 1, 2, 4/)
})

test('--fused loses the same but for the last digits, where this Node has it', () => {
  const flags = flagsOf('--fused')
  if (!canFuse()) {
    assert.throws(
      () => openKernels(flags),
      (error) => error instanceof Failure && /--fused: expected Node 22/.test(error.message),
    )
    return
  }
  const plain = losses(flagsOf())
  const fused = losses(flags)
  assert.notDeepEqual(fused, plain, 'another module')
  for (const [n, loss] of fused.entries()) assert.ok(Math.abs(loss / plain[n]! - 1) < 1e-4)
})
