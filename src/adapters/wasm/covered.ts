// Which networks the kernels compute. The others are handed to another engine, see createWasmEngine.

import type { NetworkSpec } from '../../ports/engine.ts'

export function isCovered(spec: NetworkSpec): boolean {
  return spec.model === 'nbpr' || spec.tower === 'user'
}
