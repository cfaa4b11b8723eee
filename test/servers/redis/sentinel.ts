// A master, its replica and one Sentinel that fails over within seconds. Ended with the process that started them.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { answers, freePort } from '../ports.ts'
import { dataFolder, launch } from '../process.ts'
import type { Workshop } from '../tools.ts'
import { redisProgram } from './program.ts'
import { type RedisServer, startRedis } from './server.ts'

export interface SentinelServers {
  readonly url: string
  readonly master: RedisServer
  readonly replica: RedisServer
  stop(): Promise<void>
}

export async function startRedisSentinel(shop: Workshop): Promise<SentinelServers> {
  const { command } = await redisProgram(shop)
  const atOnce = ['--repl-diskless-sync-delay', '0']
  const master = await startRedis(shop, { args: () => atOnce })
  const replica = await startRedis(shop, {
    args: () => [
      '--replicaof',
      '127.0.0.1',
      String(master.port),
      '--repl-diskless-sync-delay',
      '0',
    ],
  })
  const folder = await dataFolder('sentinel')
  const port = await freePort()
  const file = join(folder.path, 'sentinel.conf')
  const lines = [
    ...[`port ${port}`, 'bind 127.0.0.1', `dir ${folder.path}`],
    `sentinel monitor main 127.0.0.1 ${master.port} 1`,
    ...['sentinel down-after-milliseconds main 500', 'sentinel failover-timeout main 5000'],
  ]
  await writeFile(file, `${lines.join('\n')}\n`)
  const sentinel = await launch({
    ...{ name: 'sentinel', command, args: [file, '--sentinel'], folder: folder.path },
    ready: () => answers(port),
  })
  const deadline = performance.now() + 20_000
  while (!(await replica.admin.info('replication')).includes('master_link_status:up')) {
    if (performance.now() > deadline) throw new Error('the Redis replica did not follow in 20 s')
    await delay(50)
  }
  return {
    url: `redis+sentinel://127.0.0.1:${port}/main`,
    master,
    replica,
    async stop() {
      await sentinel.stop()
      await Promise.all([master.stop(), replica.stop()])
      await folder.remove()
    },
  }
}
