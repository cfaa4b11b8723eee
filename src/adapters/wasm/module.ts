// Compiled modules of src/kernel, and memories for them. The only place that names WebAssembly.

import { readFileSync } from 'node:fs'
import { Failure } from '../../errors.ts'

export interface Memory {
  readonly buffer: ArrayBufferLike
  grow(pages: number): number
}

/** The part of the interface that is used; the language's own types leave it out. */
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
  return readFileSync(new URL(`../../kernel/${name}.wasm`, import.meta.url))
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
 * V8 does not count shared memories when it decides whether to collect, so those of networks that nobody has any more
 * would pile up. With each goes a buffer of the same size that is never touched and thus takes no room, and is counted.
 */
const counted = new WeakMap<Memory, ArrayBuffer>()

/**
 * A memory that may grow to `bytesMax`. Always a shared one: views of it outlive its growth, threads can join it, and
 * no growth detaches a buffer. Once a thread of JavaScript has detached one, V8 asks at every access to any of its
 * typed arrays whether that is still there, which took a tenth of what an event costs the worker.
 */
export function createMemory(bytesMax = memoryMax): Memory {
  return new (webAssembly().Memory)({
    initial: 2,
    maximum: Math.floor(bytesMax / PAGE),
    shared: true,
  })
}

/** Makes addresses below `bytes` exist; what is there stays. False where they do already. */
export function growTo(memory: Memory, bytes: number): boolean {
  const pages = Math.ceil(bytes / PAGE) - memory.buffer.byteLength / PAGE
  if (pages <= 0) return false
  memory.grow(pages)
  counted.set(memory, new ArrayBuffer(memory.buffer.byteLength))
  return true
}

/** One more instance of a module in a memory; `F`: what it exports. */
export function join<F>(module: object, memory: Memory): F {
  return new (webAssembly().Instance)(module, { env: { memory } }).exports as F
}
