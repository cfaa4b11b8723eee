// Which networks the kernels compute. The others are handed to another engine, see createWasmEngine.

import type { NetworkSpec } from '../../ports/engine.ts'

export function isCovered(spec: NetworkSpec): boolean {
  const plain = [spec.rows, spec.bias].every(({ kind }) => kind !== 'adam')
  return spec.model === 'nbpr' && spec.output === 'ones' && plain
}
