// The first rows of a text file as a table, and what is decided of its columns.

import type { Role } from '../spec/shapes.ts'
import type { MappingSpec } from '../spec/spec.ts'
import type { Profile } from './profile.ts'

export type Rows = readonly (readonly string[])[]
export type Index = Readonly<Record<Role, number>>

/** What is decided of the columns; `fault`: why they are not to be believed. */
export interface Decision {
  readonly index: Index
  readonly why: readonly string[]
  readonly fault?: string
}

export interface Table {
  readonly names: readonly string[] | undefined
  readonly data: Rows
  readonly profiles: readonly Profile[]
  readonly spec: MappingSpec
}

export const nowhere: Index = { user: -1, item: -1, timestamp: -1, action: -1, rating: -1 }
