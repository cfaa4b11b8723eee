// The compiled modules of src/kernel, and memories for them. Beside src/arrays.ts the only file that names WebAssembly.

import { readFileSync } from 'node:fs'
import { Failure } from '../../../errors.ts'
import { builtSources } from '../../../places.ts'

export interface Memory {
  readonly buffer: ArrayBufferLike
  grow(pages: number): number
}

/** The part of the interface that is used; the types of the language leave it out. */
interface Api {
  Memory: new (pages: { initial: number; maximum: number; shared: true }) => Memory
  Module: new (bytes: Uint8Array) => object
  validate(bytes: Uint8Array): boolean
  Instance: new (
    module: object,
    imports: { env: { memory: Memory } },
  ) => { readonly exports: unknown }
}

export const PAGE = 65_536
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
 * V8 does not count shared memories when it decides whether to collect garbage, so those of networks that nobody uses
 * any more would pile up. With each one goes a buffer of about the same size, which is counted, and which takes no
 * memory because it is never touched.
 */
const counted = new WeakMap<Memory, ArrayBuffer>()
/** How many times as large as its buffer a memory may be: each new buffer of hundreds of megabytes makes V8 collect. */
const countedWithin = 1.5

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

/** Makes all addresses below `bytes` exist; what is there stays. Returns false if they exist already. */
export function growTo(memory: Memory, bytes: number): boolean {
  const pages = Math.ceil(bytes / PAGE) - memory.buffer.byteLength / PAGE
  if (pages <= 0) return false
  memory.grow(pages)
  const { byteLength } = memory.buffer
  if (byteLength > countedWithin * (counted.get(memory)?.byteLength ?? 0)) {
    counted.set(memory, new ArrayBuffer(byteLength))
  }
  return true
}

/** A new instance of a module in a memory; `F` is what it exports. */
export function join<F>(module: object, memory: Memory): F {
  return new (webAssembly().Instance)(module, { env: { memory } }).exports as F
}
