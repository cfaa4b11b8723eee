// The rules every interaction must keep, whatever form it came in: the same for all decoders. Details
// never quote the record: they end up in logs and headers.

import type { DeadLetterReason, Decoded, Interaction, Kind } from '../types.ts'

export interface DecodeLimits {
  /** Larger values are not decoded. */
  readonly recordBytesMax: number
  /** Longest user or item id, in UTF-8. */
  readonly idBytesMax: number
  /** How far ahead of the clock an event time may be. */
  readonly futureMsMax: number
}

export function dead(reason: DeadLetterReason, detail: string): Decoded {
  return { kind: 'dead', fault: { reason, detail } }
}

/**
 * Avro's library reads some negative longs below −2^52 with the sign flipped, always as at least 2^52:
 * from there on no form's number is believed. In milliseconds that is the year 144,683.
 */
const unsafeFrom = 2 ** 52

/** @param latest the newest event time that is believed, in ms */
export function judge(
  user: string,
  item: string,
  timestamp: number,
  action: string,
  latest: number,
  idBytesMax: number,
  kind?: Kind,
): Decoded {
  const wrong = idFault('user', user, idBytesMax) ?? idFault('item', item, idBytesMax)
  if (wrong !== undefined) return dead('bad_id', wrong)
  if (Math.abs(timestamp) >= unsafeFrom) {
    return dead('unsafe_long', 'timestamp is beyond 2^52: not exact, and not in milliseconds')
  }
  if (timestamp <= 0) return dead('bad_time', 'timestamp is not after 1970, expected milliseconds')
  if (timestamp > latest) {
    const ahead = Math.ceil(timestamp - latest)
    return dead('bad_time', `timestamp is ${ahead} ms past the newest believable time`)
  }
  if (action === 'ADD' || action === 'REMOVE') {
    const interaction: Interaction = { user, item, timestamp, action }
    return { kind: 'interaction', interaction: kind ? { ...interaction, kind } : interaction }
  }
  return otherAction(action)
}

export function forget(user: string | null, idBytesMax: number): Decoded {
  if (user === null) {
    const detail = 'a null value forgets the user in its key, and there is no key'
    return { kind: 'skip', reason: 'no_key', detail }
  }
  const wrong = idFault('key', user, idBytesMax)
  return wrong === undefined ? { kind: 'forget', user } : dead('bad_id', wrong)
}

/** A word that is not ours is another kind of event and passed over; anything else is a mistake. */
function otherAction(action: string): Decoded {
  const misspelt = /^(add|remove)$/i.test(action)
  if (!misspelt && /^[A-Za-z][A-Za-z0-9_.:-]{0,63}$/.test(action)) {
    return { kind: 'skip', reason: 'ignored_type' }
  }
  return dead('bad_action', 'action is neither ADD nor REMOVE')
}

export function idFault(name: string, id: string, bytesMax: number): string | undefined {
  if (id.length === 0) return `${name} is empty`
  // A UTF-16 unit is at most 3 bytes of UTF-8.
  if (id.length * 3 > bytesMax) {
    const bytes = Buffer.byteLength(id)
    if (bytes > bytesMax) return `${name} has ${bytes} bytes, expected at most ${bytesMax}`
  }
  for (let index = 0; index < id.length; index++) {
    const code = id.charCodeAt(index)
    if (code >= 0x20 && code < 0x7f) continue
    if (code < 0xa0) return `${name} has a control character`
    if (code === 0xfffd) return `${name} is not valid UTF-8 (or holds U+FFFD)`
    if (code >= 0xd800 && code < 0xe000) {
      const low = id.charCodeAt(index + 1)
      if (code >= 0xdc00 || !(low >= 0xdc00 && low < 0xe000)) return `${name} has half a character`
      index++
    }
  }
  return undefined
}
