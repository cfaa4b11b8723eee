// A schema registry that speaks Confluent's protocol: Apicurio, in memory, on a free port.

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { seconds } from './kafka.ts'
import { registryProgram } from './libraries.ts'
import { freePort } from './ports.ts'
import { dataFolder, launch } from './process.ts'
import { java, javaFlags, type Workshop } from './tools.ts'

export interface RegistryServer {
  /** The base of Confluent's paths: `<url>/subjects`, `<url>/schemas/ids/1`. */
  readonly url: string
  stop(): Promise<void>
}

export async function startRegistry(shop: Workshop): Promise<RegistryServer> {
  const runtime = await java(shop)
  const program = await registryProgram(shop)
  const started = performance.now()
  const folder = await dataFolder('registry')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`
  const [jar = ''] = (await readdir(program)).filter((name) => name.endsWith('-runner.jar'))
  // Without an archive of its classes, as Kafka has one: one start of a run would save 2.6 s, and making it takes 11.
  const running = await launch({
    name: 'registry',
    command: runtime.command,
    args: [
      ...javaFlags(shop, '256m'),
      `-Dquarkus.http.port=${port}`,
      '-Dquarkus.http.host=127.0.0.1',
      '-jar',
      join(program, jar),
    ],
    folder: folder.path,
    ready: async () => (await statusOf(`${url}/subjects`)) === 200,
  })
  shop.say(`schema registry on ${port} after ${seconds(started)}`)
  return {
    url,
    async stop() {
      await running.stop()
      await folder.remove()
    },
  }
}

/** 0 while nothing answers. */
async function statusOf(url: string): Promise<number> {
  return fetch(url).then(
    async (reply) => {
      await reply.arrayBuffer()
      return reply.status
    },
    () => 0,
  )
}
