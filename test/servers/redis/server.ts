// Redis for tests: one server, or three that form a cluster, with append-only files on ports of their own.
// Ended with the process that started them. What it confirms is on disk, since tests kill it: by its own default
// (everysec) a write waits in its memory, confirmed, for up to two seconds while the disk is busy with the one before.

import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { answers, freePort } from '../ports.ts'
import { dataFolder, launch, type RunningProcess } from '../process.ts'
import type { Workshop } from '../tools.ts'
import { redisProgram } from './program.ts'

export interface RedisServer {
  readonly url: string
  readonly port: number
  readonly version: string
  /** For its data; certificates and the like may be put here too. */
  readonly folder: string
  readonly pid: () => number
  /** A connection for the test's own commands, closed with the server. */
  readonly admin: Redis
  /** SIGKILL; start() brings it back on the same port with its data. */
  kill(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

export interface RedisOptions {
  /** More command line arguments, `--name value`. */
  readonly args?: (folder: string) => readonly string[]
  readonly port?: number
  /** `always` without it; `everysec`, as most run it, where speed is measured. */
  readonly fsync?: 'always' | 'everysec'
}

export interface RedisClusterServers {
  /** Names all nodes. */
  readonly url: string
  readonly nodes: readonly RedisServer[]
  stop(): Promise<void>
}

/** What a test file has at hand when it starts servers itself. */
export function testShop(env: NodeJS.ProcessEnv): Workshop {
  return { env, say: (line) => process.stderr.write(`${line}\n`), isBrief: true }
}

export async function startRedis(shop: Workshop, options: RedisOptions = {}): Promise<RedisServer> {
  const program = await redisProgram(shop)
  const folder = await dataFolder('redis')
  const port = options.port ?? (await freePort())
  const admin = connection(port)
  let running: RunningProcess | undefined
  const start = async (): Promise<void> => {
    const data = ['--dir', folder.path, '--appendonly', 'yes', '--save', '']
    const kept = ['--appendfsync', options.fsync ?? 'always']
    const more = options.args?.(folder.path) ?? []
    running = await launch({
      name: `redis-${port}`,
      command: program.command,
      args: ['--port', String(port), '--bind', '127.0.0.1', ...data, ...kept, ...more],
      folder: folder.path,
      ready: async () => (await answers(port)) && (await isLoaded(port)),
    })
  }
  await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    version: program.version,
    folder: folder.path,
    pid: () => running?.pid ?? 0,
    admin,
    start,
    kill: async () => running?.kill(),
    async stop() {
      admin.disconnect()
      await running?.stop()
      await folder.remove()
    },
  }
}

/** Three masters without replicas that share all slots. */
export async function startRedisCluster(
  shop: Workshop,
  more: readonly string[] = [],
): Promise<RedisClusterServers> {
  const nodes: RedisServer[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()))
  }
  const args = (folder: string) => [
    ...['--cluster-enabled', 'yes', '--cluster-config-file', `${folder}/nodes.conf`],
    ...['--cluster-node-timeout', '2000', '--cluster-require-full-coverage', 'yes', ...more],
  ]
  try {
    for (let k = 0; k < 3; k++) {
      nodes.push(await startRedis(shop, { args, port: await portWithBus() }))
    }
    await join(nodes)
  } catch (cause) {
    await stop()
    throw cause
  }
  const url = `redis://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`
  return { url, nodes, stop }
}

async function join(nodes: readonly RedisServer[]): Promise<void> {
  const [first] = nodes
  if (first === undefined) return
  for (const [k, { admin }] of nodes.entries()) {
    const from = Math.floor((16_384 * k) / nodes.length)
    const to = Math.floor((16_384 * (k + 1)) / nodes.length)
    await admin.call('CLUSTER', 'SET-CONFIG-EPOCH', String(k + 1))
    const slots = Array.from({ length: to - from }, (_, n) => String(from + n))
    await admin.call('CLUSTER', 'ADDSLOTS', ...slots)
    if (k > 0) await admin.call('CLUSTER', 'MEET', '127.0.0.1', String(first.port))
  }
  const deadline = performance.now() + 30_000
  const whole = async (node: RedisServer): Promise<boolean> => {
    const facts = String(await node.admin.call('CLUSTER', 'INFO'))
    const known = new RegExp(`cluster_known_nodes:${nodes.length}\\b`)
    return facts.includes('cluster_state:ok') && known.test(facts)
  }
  while (!(await Promise.all(nodes.map(whole))).every(Boolean)) {
    if (performance.now() > deadline) throw new Error('the Redis cluster did not form in 30 s')
    await delay(50)
  }
}

function connection(port: number): Redis {
  const admin = new Redis({ port, host: '127.0.0.1', lazyConnect: true })
  // Tests kill servers: the next command tells what matters.
  admin.on('error', (error: Error) => error.message)
  return admin
}

/** True when the data has been read from disk. */
async function isLoaded(port: number): Promise<boolean> {
  const probe = new Redis({ port, host: '127.0.0.1', lazyConnect: true, enableReadyCheck: false })
  probe.on('error', (error: Error) => error.message)
  try {
    await probe.ping()
    return true
  } catch (error) {
    return /NOAUTH|NOPERM/.test((error as Error).message)
  } finally {
    probe.disconnect()
  }
}

/** Nodes talk to each other on the port 10,000 above, so both must be free. */
async function portWithBus(): Promise<number> {
  const port = await freePort()
  return (await answers(port + 10_000)) ? portWithBus() : port
}
