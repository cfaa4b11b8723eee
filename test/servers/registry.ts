// A schema registry that speaks Confluent's protocol: Apicurio, in memory, on a free port.

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { archivedClasses } from './class-archive.ts'
import { seconds } from './kafka.ts'
import { registryProgram } from './libraries.ts'
import { freePort } from './ports.ts'
import { dataFolder, launch, type RunningProcess } from './process.ts'
import { java, javaFlags, type Workshop } from './tools.ts'
import { registryVersion } from './versions.ts'

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
  const launchWith = (flags: readonly string[]): Promise<RunningProcess> =>
    launch({
      name: 'registry',
      command: runtime.command,
      args: [
        ...flags,
        ...javaFlags(shop, '256m'),
        `-Dquarkus.http.port=${port}`,
        '-Dquarkus.http.host=127.0.0.1',
        '-jar',
        join(program, jar),
      ],
      folder: folder.path,
      ready: async () => (await statusOf(`${url}/subjects`)) === 200,
    })
  const name = `apicurio-registry-${registryVersion}`
  const running = await launchWith(await archivedClasses(shop, name, runtime, launchWith))
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
