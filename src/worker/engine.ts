// Which engine learns: the setting's name becomes the engine. The only place of the worker that knows them all, for
// the process and for the trainer's thread alike.

import { getHeapStatistics } from 'node:v8'
import { loadTensors, setThreads } from '../adapters/tfjs/load.ts'
import { canFuse } from '../adapters/wasm/kernel/kernel.ts'
import { webAssembly } from '../adapters/wasm/kernel/module.ts'
import { checkLimit } from '../adapters/wasm/memory/memory-limit.ts'
import type { Config } from '../config.ts'
import { Failure } from '../errors.ts'
import { neighbourBytesMin } from '../learn/parts/slot-room.ts'
import { haveRoom, leastBytes } from '../learn/parts/successors.ts'
import { isPaper, planPaper } from '../paper/paper-network.ts'
import type { Engine } from '../ports/engine.ts'
import { planLearner } from '../trainer/model/plan.ts'

/** By the setting `threads`. */
export const threadCounts = { '1': 1, '2': 2, '4': 4 } as const

type Environment = Record<string, string | undefined>

export interface OpenedEngine {
  readonly engine: Engine
  /** For the log: what was taken, and why not another. */
  readonly note: string
}

/**
 * Before a thread starts: native libraries read the environment of the process when they load, and settings whose
 * most users and items could never be held are refused now rather than after weeks.
 * @throws Failure LIMIT_REACHED, also where the process has no WebAssembly
 */
export function prepareEngine(config: Config, env: Environment): void {
  checkNames(config)
  checkNeighbours(config)
  if (config.engine === 'tfjs') setThreads(env)
  if (config.engine !== 'wasm') return
  webAssembly()
  const specs = isPaper(config)
    ? [planPaper(config).spec]
    : planLearner(config).networks.map(({ spec }) => spec)
  const most = { users: config.usersMax, items: config.itemsMax }
  for (const spec of specs) checkLimit(spec, most)
}

/** @throws Failure LIMIT_REACHED where the neighbours of all items have no room */
function checkNeighbours({ itemsMax, neighboursBytesMax }: NeighbourBounds): void {
  const least = itemsMax * neighbourBytesMin
  if (neighboursBytesMax >= least) return
  throw new Failure(
    'LIMIT_REACHED',
    `--neighbours-bytes-max is ${neighboursBytesMax}, and the neighbours of ${itemsMax} items take ` +
      `at least ${least}: raise it, or lower --items-max`,
  )
}

type NeighbourBounds = Pick<Config, 'itemsMax' | 'neighboursBytesMax'>

/** What to say where the bounds leave no room for a part of the model that the settings ask for. */
export function orderNews(config: Config): string | undefined {
  const { itemsMax, neighboursBytesMax } = config
  const asks = !isPaper(config) && config.parts.includes('neighbours') && config.effort !== 'light'
  if (!asks || haveRoom(neighboursBytesMax, itemsMax)) return undefined
  return (
    `what comes right after what is not counted (neighbours.next): for ${itemsMax} items that takes a ` +
    `--neighbours-bytes-max of ${leastBytes(itemsMax)}, and it is ${neighboursBytesMax}`
  )
}

/** Of the heap, for a name of a dozen letters while a start reads it from a checkpoint; later names lie outside. */
const nameBytes = 45
/** Of the heap, for all else. */
const otherBytes = 150e6
/** Up to this many names are accepted with any heap, because the bounds that nobody has set are no plan. */
const namesFree = 4_000_000

/** @throws Failure LIMIT_REACHED where more names may come than the heap of the process can hold */
export function checkNames(
  { usersMax, itemsMax }: Pick<Config, 'usersMax' | 'itemsMax'>,
  heapBytes = getHeapStatistics().heap_size_limit,
): void {
  const names = usersMax + itemsMax
  const needed = names * nameBytes + otherBytes
  if (names <= namesFree || needed <= heapBytes) return
  const mebibytes = (bytes: number) => Math.ceil(bytes / 2 ** 20)
  throw new Failure(
    'LIMIT_REACHED',
    `the names of --users-max ${usersMax} and --items-max ${itemsMax} take ${mebibytes(needed)} MiB of the heap of ` +
      `Node when they are read from a checkpoint, and it ends at ${mebibytes(heapBytes)}: lower them, or set ` +
      `NODE_OPTIONS=--max-old-space-size=${mebibytes(1.1 * needed)}; beyond the bounds those that were idle for ` +
      'longest make room for new ones',
  )
}

type EngineSettings = Pick<Config, 'engine' | 'deterministic' | 'threads'> &
  Partial<Pick<Config, 'rankThreads'>>

/**
 * Only the engine that is asked for is loaded, and only where it learns: the process that starts a trainer's thread
 * needs none. TensorFlow.js is the native one where that is installed, else pure JavaScript.
 */
export async function openEngine({
  engine,
  deterministic,
  threads,
  rankThreads = 0,
}: EngineSettings): Promise<OpenedEngine> {
  if (engine === 'arrays') {
    const { createArraysEngine } = await import('../adapters/arrays/engine.ts')
    return { engine: createArraysEngine(), note: 'plain loops' }
  }
  if (engine === 'wasm') {
    const { createWasmEngine } = await import('../adapters/wasm/engine.ts')
    // A fused multiply-add rounds once instead of twice, and not every machine has it.
    const fused = !deterministic && canFuse()
    const note = fused ? 'WebAssembly, with fused multiply-add' : 'WebAssembly'
    const shared = { threads: threadCounts[threads], rankThreads }
    return { engine: createWasmEngine({ fused, ...shared }), note }
  }
  const { createTfjsEngine } = await import('../adapters/tfjs/engine.ts')
  // What native TensorFlow reads from the environment is set by prepareEngine; here it would be too late.
  const { tf, name, note } = await loadTensors('auto', {})
  return { engine: createTfjsEngine({ tf, name }), note }
}
