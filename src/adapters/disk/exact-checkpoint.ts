// Refuses, before anything is written, what a checkpoint store could not give back exactly as it came.

import type { Checkpoint, Tensor } from '../../ports/checkpoint-store.ts'

export const generationMax = 999_999_999

/** Throws a RangeError or TypeError that names the part at fault. */
export function checkExact(checkpoint: Checkpoint): void {
  const { generation, facts, tensors, texts } = checkpoint
  if (!Number.isInteger(generation) || generation < 1 || generation > generationMax) {
    throw new RangeError(`generation: expected 1…${generationMax}, got ${generation}`)
  }
  checkPlain(facts, 'facts', 0)
  for (const [name, tensor] of tensors) checkTensor(name, tensor)
  for (const [name, list] of texts) {
    checkName(name)
    // Others than arrays are made of nothing but texts.
    if (Array.isArray(list) && !list.every((text) => typeof text === 'string')) {
      throw new TypeError(`texts ${name}: expected strings only`)
    }
  }
}

function checkTensor(name: string, tensor: Tensor): void {
  checkName(name)
  const count = tensor.shape.reduce((product, side) => product * side, 1)
  const sides = tensor.shape.every((side) => Number.isSafeInteger(side) && side >= 0)
  if (!sides || count !== tensor.data.length) {
    const shape = `[${tensor.shape.join(', ')}]`
    throw new RangeError(`tensor ${name}: shape ${shape} for ${tensor.data.length} numbers`)
  }
}

function checkName(name: string): void {
  if (name === '' || name === '__metadata__' || /\p{Surrogate}/u.test(name)) {
    throw new RangeError(`expected a name, got ${JSON.stringify(name)}`)
  }
}

const depthMax = 32

/** Plain JSON that survives a round trip: no undefined, NaN, -0 or integers beyond 2^53. */
function checkPlain(value: unknown, path: string, depth: number): void {
  if (depth > depthMax) throw new RangeError(`${path}: nested deeper than ${depthMax}`)
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return
  if (typeof value === 'number') {
    const exact = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value)
    if (!exact || Object.is(value, -0)) throw new RangeError(`${path}: ${value} cannot be kept`)
    return
  }
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) checkPlain(value[at], `${path}[${at}]`, depth + 1)
    return
  }
  if (typeof value !== 'object' || !isPlainObject(value)) {
    throw new TypeError(
      `${path}: expected plain JSON, got ${Object.prototype.toString.call(value)}`,
    )
  }
  for (const [key, inner] of Object.entries(value)) checkPlain(inner, `${path}.${key}`, depth + 1)
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
