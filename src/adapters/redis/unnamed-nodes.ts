// Nodes of a cluster that announce no host of their own: a cluster of one that never learned its address, or nodes
// set to `unknown-endpoint`. Redis means «the host that you asked, at this port»; ioredis would leave the node out,
// and wait for another one for ever.

import { Command } from 'ioredis'
import type { Address } from './url.ts'

/** Stands in a reply for a host that is missing; the name can never be resolved (RFC 6761). */
const unnamed = 'unnamed.invalid'

type SlotRange = [from: number, to: number, ...nodes: [host: string | null, port: number][]]

/** Lets ioredis see nodes without a host. One table for the whole process, like the library's own. */
export function keepUnnamedNodes(): void {
  Command.setReplyTransformer('cluster', (reply: unknown) => {
    if (!Array.isArray(reply)) return reply
    for (const range of reply as SlotRange[]) {
      if (!Array.isArray(range)) return reply
      for (const node of range.slice(2)) if (isUnnamed(node)) node[0] = unnamed
    }
    return reply
  })
}

/** For ioredis's `natMap`: such a node is at the host that was asked first. */
export function atHostAsked(asked: Address): (node: string) => Address | null {
  return (node) => {
    const cut = node.lastIndexOf(':')
    const host = node.slice(0, cut)
    if (host !== unnamed && host !== '' && host !== '?') return null
    return { host: asked.host, port: Number(node.slice(cut + 1)) }
  }
}

function isUnnamed(node: unknown): node is [host: string | null, port: number] {
  return Array.isArray(node) && node.length >= 2 && [null, '', '?'].includes(node[0] as string)
}
