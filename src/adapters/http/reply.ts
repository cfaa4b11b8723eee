// What a route answers, as plain values.

import type { Asset } from './assets.ts'

export type Reply =
  | {
      readonly status: number
      readonly type: string
      readonly text: string
      /** Of the content: who has it already is told so instead of being sent it again. */
      readonly etag?: string
    }
  | { readonly asset: Asset }

export function json(status: number, value: unknown): Extract<Reply, { status: number }> {
  return { status, type: 'application/json; charset=utf-8', text: JSON.stringify(value) }
}
