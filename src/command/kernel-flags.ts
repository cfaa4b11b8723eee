// How the commands that learn offline run the kernels; workers have both among their settings.

import { type Command, Option } from 'commander'
import { createWasmEngine } from '../adapters/wasm/engine.ts'
import { canFuse } from '../adapters/wasm/kernel/kernel.ts'
import { Failure } from '../errors.ts'
import type { Engine } from '../ports/engine.ts'
import { threadCounts } from '../worker/engine.ts'

export interface KernelFlags {
  readonly threads: keyof typeof threadCounts
  readonly fused?: boolean
}

export function addKernelOptions(command: Command): Command {
  const threads = new Option(
    '--threads <count>',
    'threads that share a step of a joint tower; any number gives the same numbers',
  )
    .choices(Object.keys(threadCounts))
    .default('1' satisfies KernelFlags['threads'])
  return command
    .addOption(threads)
    .option('--fused', 'with fused multiply-add (Node 22): faster, other in the last digits')
}

/** @throws Failure SETTINGS_INVALID where --fused asks for what this Node has not. */
export function openKernels({ threads, fused = false }: KernelFlags): Engine {
  if (fused && !canFuse()) {
    throw new Failure(
      'SETTINGS_INVALID',
      `--fused: expected Node 22 or later, this is ${process.version}; leave it out, or change Node`,
    )
  }
  return createWasmEngine({ threads: threadCounts[threads], fused })
}
