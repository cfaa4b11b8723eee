// The compiled modules of src/kernel, and memories for them. Beside src/arrays.ts the only file that names WebAssembly.

import { readFileSync } from 'node:fs'
import { type MakeMemory, type Memory, PAGE } from '../../../arrays.ts'
import { Failure } from '../../../errors.ts'
import { builtSources } from '../../../places.ts'

/** The part of the interface that is used; the types of the language leave it out. */
interface Api {
  Memory: MakeMemory
  Module: new (bytes: Uint8Array) => object
  validate(bytes: Uint8Array): boolean
  Instance: new (
    module: object,
    imports: { env: { memory: Memory } },
  ) => { readonly exports: unknown }
}

/** 4 GiB: addresses have 32 bits. */
export const memoryMax = 2 ** 32

/** @throws Failure LIMIT_REACHED where Node was started with --jitless. */
export function webAssembly(): Api {
  const api = (globalThis as unknown as { WebAssembly: Api | undefined }).WebAssembly
  if (api !== undefined) return api
  const how = 'start it without --jitless, or take --engine arrays, which is slower'
  throw new Failure('LIMIT_REACHED', `this Node runs without WebAssembly: ${how}`)
}

const modules = new Map<string, object>()

function bytesOf(name: string): Uint8Array {
  return readFileSync(new URL(`kernel/${name}.wasm`, builtSources))
}

/** Whether this JavaScript engine can run the module. */
export function isValid(name: string): boolean {
  return webAssembly().validate(bytesOf(name))
}

/** The module of this name, compiled once. */
export function moduleOf(name: string): object {
  const known = modules.get(name)
  if (known !== undefined) return known
  const made = new (webAssembly().Module)(bytesOf(name))
  modules.set(name, made)
  return made
}

/**
 * A memory that may grow to `bytesMax`. It is always shared: views of it survive its growth, threads can join it, and
 * no growth detaches a buffer. Once a JavaScript thread has detached a buffer, V8 checks at every access to any typed
 * array whether its buffer still exists, which took a tenth of the cost of an event.
 */
export function createMemory(bytesMax = memoryMax): Memory {
  return new (webAssembly().Memory)({
    initial: 2,
    maximum: Math.floor(bytesMax / PAGE),
    shared: true,
  })
}

/** A new instance of a module in a memory; `F` is what it exports. */
export function join<F>(module: object, memory: Memory): F {
  return new (webAssembly().Instance)(module, { env: { memory } }).exports as F
}
