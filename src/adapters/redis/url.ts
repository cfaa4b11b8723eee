// Reads REDIS_URL. One form for each way to run Redis:
//   redis://[user[:password]@]host[:port][/db]        one node (a node of a cluster is recognised)
//   redis://host:port,host:port                       a cluster, by some of its nodes
//   redis+sentinel://host:port,host:port/name[/db]    a master watched by Sentinels
// `rediss` in place of `redis` means TLS.

import { Failure } from '../../errors.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

export interface RedisPlace {
  readonly kind: 'node' | 'cluster' | 'sentinel'
  readonly tls: boolean
  readonly addresses: readonly [Address, ...Address[]]
  readonly username: string | undefined
  readonly password: string | undefined
  readonly db: number
  /** Of the master the Sentinels watch. */
  readonly masterName: string | undefined
}

/** @throws Failure SETTINGS_INVALID; the message never repeats the URL, which may hold a password. */
export function parseRedisUrl(text: string): RedisPlace {
  const form = /^redis(s?)(\+sentinel)?:\/\/(?:([^@/]*)@)?([^/]+)((?:\/[^/]*)*)$/.exec(text.trim())
  if (form === null) {
    throw refused(
      'expected redis://HOST:PORT (several with commas: a cluster), rediss:// for TLS, or redis+sentinel://',
    )
  }
  const [, tls = '', sentinel, login, hosts = '', path = ''] = form
  const addresses = hosts.split(',').map((host) => readAddress(host, sentinel ? 26_379 : 6_379))
  const parts = path
    .split('/')
    .slice(1)
    .filter((part) => part !== '')
  const masterName = sentinel ? parts.shift() : undefined
  if (sentinel && masterName === undefined)
    throw refused('expected /NAME of the master after the Sentinels')
  const [first, ...rest] = addresses
  if (first === undefined) throw refused('expected a host')
  const kind = sentinel ? 'sentinel' : rest.length > 0 ? 'cluster' : 'node'
  const db = readDb(parts)
  if (kind === 'cluster' && db !== 0) throw refused('a cluster has database 0 only')
  return {
    kind,
    tls: tls === 's',
    addresses: [first, ...rest],
    ...readLogin(login),
    db,
    masterName,
  }
}

function readAddress(text: string, fallback: number): Address {
  const form = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text.trim())
  const port = Number(form?.[3] ?? fallback)
  const host = form?.[1] ?? form?.[2]
  if (host === undefined || port < 1 || port > 65_535) {
    throw refused('expected host:port with a port of 1 … 65,535')
  }
  return { host, port }
}

function readDb(parts: readonly string[]): number {
  const [text = '0', ...more] = parts
  if (more.length > 0 || !/^\d{1,5}$/.test(text))
    throw refused('expected a database number after the host')
  return Number(text)
}

function readLogin(login: string | undefined) {
  if (login === undefined) return { username: undefined, password: undefined }
  const colon = login.indexOf(':')
  const decode = (text: string) => {
    try {
      return text === '' ? undefined : decodeURIComponent(text)
    } catch {
      throw refused('user and password must be percent-encoded')
    }
  }
  if (colon === -1) return { username: decode(login), password: undefined }
  return { username: decode(login.slice(0, colon)), password: decode(login.slice(colon + 1)) }
}

function refused(why: string): Failure {
  return new Failure('SETTINGS_INVALID', `REDIS_URL (--redis) cannot be used: ${why}`)
}
