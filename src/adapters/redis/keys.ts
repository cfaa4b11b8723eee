// Names of the keys: PREFIX{user}:a (added), PREFIX{user}:r (removed), PREFIX{user}:w (ADDs that are not full),
// PREFIX epoch, PREFIX holders, PREFIX witness:{n}, PREFIX owed:{stream}.
// The braces are the hash tag that keeps the sets of a user on one node of a cluster.

/** A prefix that means the same in a key, in a SCAN pattern and in an ACL rule. */
export const prefixPattern = /^[A-Za-z0-9_.:-]{1,64}$/

export type Side = 'a' | 'r' | 'w'

export interface Keys {
  /** What precedes the side: the part that all sets of a user share. */
  stem(user: string): string
  /** For SCAN … MATCH: the sets of all users. */
  readonly pattern: string
  /** The inverse of stem() + ':' + side, undefined for a key of another kind. */
  parse(key: string): { readonly user: string; readonly side: Side } | undefined
  readonly epoch: string
  /** Which claim took each stream last. */
  readonly holders: string
  witness(n: number): string
  /** Users who are owed a list for what was read of the stream. */
  owed(stream: string): string
}

/** `sides`: of a user's sets, those that are looked at. */
export function keysOf(prefix: string, sides: readonly Side[] = ['a', 'r']): Keys {
  const opening = `${prefix}{`
  return {
    stem: (user) => `${opening}${hide(user)}}`,
    pattern: `${opening}*}:[${sides.join('')}]`,
    parse(key) {
      const side = key.at(-1)
      if (!key.startsWith(opening) || !key.endsWith(`}:${side}`)) return undefined
      if (!sides.includes(side as Side)) return undefined
      return { user: reveal(key.slice(opening.length, -3)), side: side as Side }
    },
    epoch: `${prefix}epoch`,
    holders: `${prefix}holders`,
    witness: (n) => `${prefix}witness:{${n}}`,
    owed: (stream) => `${prefix}owed:{${hide(stream)}}`,
  }
}

/** A closing brace would end the hash tag early, and an empty tag is none: both are written %XX. */
function hide(user: string): string {
  if (user === '') return '%'
  return /[{}%]/.test(user) ? user.replaceAll(/[{}%]/g, (one) => escapes[one] ?? one) : user
}

function reveal(text: string): string {
  if (text === '%') return ''
  return text.includes('%') ? text.replaceAll(/%7B|%7D|%25/g, (one) => unescapes[one] ?? one) : text
}

const escapes: Readonly<Record<string, string>> = { '{': '%7B', '}': '%7D', '%': '%25' }
const unescapes: Readonly<Record<string, string>> = { '%7B': '{', '%7D': '}', '%25': '%' }

/** The slot of a key, 0 … 16,383: CRC-16 (XMODEM) of the hash tag, as the cluster specification has it. */
export function slotOf(key: string): number {
  const open = key.indexOf('{')
  const end = open === -1 ? -1 : key.indexOf('}', open + 1)
  const hashed = end > open + 1 ? key.slice(open + 1, end) : key
  let crc = 0
  for (const byte of Buffer.from(hashed)) {
    crc = ((crc << 8) & 0xffff) ^ (crcTable[((crc >> 8) ^ byte) & 0xff] ?? 0)
  }
  return crc & 16_383
}

const crcTable = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
  return crc & 0xffff
})
