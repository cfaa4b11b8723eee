// One record of a named shape, with what stands beside it, and what is to be made of it.

import type { MappingSettings } from '../../../src/consume/mapping/spec/spec.ts'
import type { ShapeName } from '../../../src/settings/mapping.ts'
import type { SourceRecord } from '../../../src/types.ts'

export type Beside = Partial<Pick<SourceRecord, 'key' | 'headers' | 'timestamp'>>

export type Case = readonly [
  what: string,
  settings: Partial<MappingSettings> & { readonly shape: ShapeName },
  value: unknown,
  expected: string,
  beside?: Beside,
]
