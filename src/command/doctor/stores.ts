// The doctor's look at what keeps state: Redis (version, persistence, memory, clock) and the checkpoint directory; and
// at the schema registry.

import { constants } from 'node:fs'
import { access, statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { type Client, isCluster } from '../../adapters/redis/client.ts'
import type { SchemaRegistry } from '../../adapters/registry/schema-registry.ts'
import { decoderFor } from '../../consume/decode-avro.ts'
import type { MappingSpec } from '../../consume/mapping/spec/spec.ts'
import { type Finding, fail, ok, warn } from './check.ts'

const versionMin = [6, 2] as const
const skewMsMax = 2_000

/** @param nowMs the clock of this machine, ms since the epoch */
export async function lookAtRedis(client: Client, nowMs: () => number): Promise<Finding[]> {
  // The masters of a cluster are set up alike: one speaks for all.
  const node = isCluster(client) ? client.nodes('master')[0] : client
  if (node === undefined) throw new Error('the Redis cluster has no master')
  const facts = parseInfo(await node.info())
  const asked = nowMs()
  const [seconds = 0, micros = 0] = await node.time()
  const skew = Math.round(Number(seconds) * 1000 + Number(micros) / 1000 - asked)
  return [version(facts), persistence(facts), memory(facts), clock(skew)]
}

function parseInfo(text: string): ReadonlyMap<string, string> {
  const pairs = text.split(/\r?\n/).map((line) => line.split(':', 2) as [string, string?])
  return new Map(pairs.map(([name, value = '']) => [name, value]))
}

function version(facts: ReadonlyMap<string, string>): Finding {
  const found = facts.get('redis_version') ?? '0'
  const [major = 0, minor = 0] = found.split('.').map(Number)
  const fits = major > versionMin[0] || (major === versionMin[0] && minor >= versionMin[1])
  const name = 'redis version'
  return fits ? ok(name, found) : fail(name, found, 'ZADD GT needs Redis 6.2 or newer')
}

function persistence(facts: ReadonlyMap<string, string>): Finding {
  const name = 'redis persistence'
  if (facts.get('aof_enabled') === '1') return ok(name, 'append-only file')
  const why = 'no append-only file: a restart loses what is newer than the last snapshot'
  return warn(name, why, 'CONFIG SET appendonly yes; appendfsync everysec')
}

function memory(facts: ReadonlyMap<string, string>): Finding {
  const name = 'redis memory'
  const policy = facts.get('maxmemory_policy') ?? ''
  const used = facts.get('used_memory_human') ?? '?'
  if (policy === 'noeviction') return ok(name, `${used} used, nothing is evicted`)
  return fail(
    name,
    `policy ${policy}: users would lose positives unseen`,
    'maxmemory-policy noeviction',
  )
}

function clock(skew: number): Finding {
  const found = `Redis is ${skew} ms from this machine`
  if (Math.abs(skew) <= skewMsMax) return ok('clock', found)
  return warn('clock', found, 'run a time service (chrony): event times are checked by the clock')
}

const freeBytesMin = 2 ** 30

export async function lookAtCheckpoints(folder: string): Promise<Finding> {
  const name = 'checkpoints'
  const path = await nearest(resolve(folder))
  await access(path, constants.W_OK | constants.X_OK)
  const { bavail, bsize } = await statfs(path)
  const free = bavail * bsize
  const found = `${path} can be written, ${(free / 2 ** 30).toFixed(1)} GiB free`
  if (free >= freeBytesMin) return ok(name, found)
  return warn(name, found, 'free some space: several checkpoints are kept')
}

/** The folder, or the closest one above it that exists: the worker makes the rest. */
async function nearest(path: string): Promise<string> {
  try {
    await access(path)
    return path
  } catch (error) {
    const above = dirname(path)
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === path) throw error
    return nearest(above)
  }
}

export async function lookAtRegistry(
  registry: SchemaRegistry,
  topic: string,
  mapping: MappingSpec,
): Promise<Finding> {
  const subject = `${topic}-value`
  const name = `schema ${subject}`
  const text = await registry.latest(subject)
  if (text === undefined) {
    return warn(name, 'nobody has registered it yet', 'the first framed event will')
  }
  // An empty datum tells whether the schemas fit: only a schema that does not has another reason than decode.
  const record = { position: { stream: topic, offset: 0 }, key: null, value: null }
  const verdict = decoderFor(text, mapping, 1).decode(Buffer.alloc(0), 0, record, 0)
  const reason = verdict.kind === 'dead' ? verdict.fault.reason : 'decode'
  if (reason === 'decode') return ok(name, 'can be read as interactions')
  const detail = verdict.kind === 'dead' ? verdict.fault.detail : ''
  return fail(
    name,
    `${reason}: ${detail}`,
    'see schemas/interaction.avsc: user, item, timestamp, action; --columns names others',
  )
}
