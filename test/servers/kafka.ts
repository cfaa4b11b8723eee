// One Apache Kafka in KRaft mode: broker and controller in a process, three listeners (plain, plain behind a
// fault proxy, SASL_SSL with SCRAM-SHA-512) and an authorizer that denies what no ACL allows.

import { randomBytes } from 'node:crypto'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { selfSigned } from './certificate.ts'
import { archivedClasses } from './class-archive.ts'
import { kafkaLibraries } from './libraries.ts'
import { answers, freePort } from './ports.ts'
import { dataFolder, launch, type RunningProcess } from './process.ts'
import { type Java, java, javaFlags, once, runTool, type Workshop } from './tools.ts'
import { type KafkaVersion, kafkaVersionOf } from './versions.ts'

/** The account of the SASL_SSL listener. It has no rights until a test grants it some. */
export const secureUser = 'worker'
/** The key and the certificate of the secure listener, one after the other. */
const keyStore = 'broker.pem'
/** Of the account, beside the formatted data. */
const passwordFile = 'password'

export interface KafkaServer {
  readonly version: KafkaVersion
  readonly brokers: string
  /** The same broker by the addresses that a proxy must listen on and forward to. */
  readonly proxied: { readonly listen: number; readonly target: number }
  readonly secure: {
    readonly brokers: string
    readonly ca: string
    readonly user: string
    readonly password: string
  }
  readonly libraries: string
  readonly java: Java
  readonly pid: () => number
  /** SIGKILL. */
  kill(): Promise<void>
  /** Starts again on the same data and ports, after kill(). */
  start(): Promise<void>
  stop(): Promise<void>
}

interface Ports {
  readonly plain: number
  readonly controller: number
  readonly secure: number
  readonly target: number
  readonly proxy: number
}

export async function startKafka(shop: Workshop): Promise<KafkaServer> {
  const version = kafkaVersionOf(shop.env)
  const runtime = await java(shop)
  const libraries = await kafkaLibraries(shop, version)
  const started = performance.now()
  const folder = await dataFolder('kafka')
  const ports: Ports = {
    plain: await freePort(),
    controller: await freePort(),
    secure: await freePort(),
    target: await freePort(),
    proxy: await freePort(),
  }
  const classes = [...javaFlags(shop, '512m'), '-cp', join(libraries, '*')]
  const password = await copyFormatted(shop, version, [runtime.command, ...classes], folder.path)
  const { cert: ca, key } = selfSigned()
  await writeFile(join(folder.path, keyStore), key + ca)
  const file = join(folder.path, 'server.properties')
  await writeFile(file, `${properties(ports, folder.path).join('\n')}\n`)
  const name = `kafka-${version}`
  const launchWith = (flags: readonly string[]): Promise<RunningProcess> =>
    launch({
      ...{ name, command: runtime.command, args: [...flags, ...classes, 'kafka.Kafka', file] },
      folder: folder.path,
      ready: async () => (await answers(ports.plain)) && (await answers(ports.secure)),
    })
  const archived = await archivedClasses(shop, name, runtime, launchWith)
  let running: RunningProcess | undefined
  const start = async (): Promise<void> => {
    running = await launchWith(archived)
  }
  await start()
  shop.say(`Kafka ${version} on ${ports.plain} after ${seconds(started)}`)
  return {
    version,
    brokers: `127.0.0.1:${ports.plain}`,
    proxied: { listen: ports.proxy, target: ports.target },
    secure: { brokers: `localhost:${ports.secure}`, ca, user: secureUser, password },
    libraries,
    java: runtime,
    pid: () => running?.pid ?? 0,
    kill: async () => running?.kill(),
    start,
    async stop() {
      await running?.stop()
      await folder.remove()
    },
  }
}

/**
 * Puts freshly formatted data into a folder; returns the password of its account. What the formatting writes says
 * nothing of ports, so that one formatting, which takes a Java of its own, does for all.
 */
async function copyFormatted(
  shop: Workshop,
  version: KafkaVersion,
  [command = '', ...classes]: readonly string[],
  folder: string,
): Promise<string> {
  const formatted = await once(shop, `kafka-${version}-formatted`, async (beside) => {
    const password = randomBytes(12).toString('hex')
    const file = join(beside, 'format.properties')
    const nowhere = { plain: 1, controller: 2, secure: 3, target: 4, proxy: 5 }
    await writeFile(file, `${properties(nowhere, beside).join('\n')}\n`)
    await writeFile(join(beside, passwordFile), password, { mode: 0o600 })
    await runTool(command, [
      ...classes,
      'kafka.tools.StorageTool',
      // Joined: an id may begin with a dash, which would pass for an option.
      ...['format', `--cluster-id=${randomBytes(16).toString('base64url')}`, '-c', file],
      ...['--add-scram', `SCRAM-SHA-512=[name=${secureUser},password=${password}]`],
    ])
  })
  await cp(join(formatted, 'logs'), join(folder, 'logs'), { recursive: true })
  return readFile(join(formatted, passwordFile), 'utf8')
}

export function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}

function properties(ports: Ports, folder: string): string[] {
  const listeners = [
    `PLAIN://127.0.0.1:${ports.plain}`,
    `PROXIED://127.0.0.1:${ports.target}`,
    `SECURE://127.0.0.1:${ports.secure}`,
  ]
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;'
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${ports.controller}`,
    'controller.listener.names=CONTROLLER',
    `listeners=${[...listeners, `CONTROLLER://127.0.0.1:${ports.controller}`].join(',')}`,
    // Clients dial what is advertised: the proxy's port, or they would go around it.
    `advertised.listeners=PLAIN://127.0.0.1:${ports.plain},PROXIED://127.0.0.1:${ports.proxy},` +
      `SECURE://localhost:${ports.secure}`,
    'listener.security.protocol.map=' +
      'CONTROLLER:PLAINTEXT,PLAIN:PLAINTEXT,PROXIED:PLAINTEXT,SECURE:SASL_SSL',
    'inter.broker.listener.name=PLAIN',
    'listener.name.secure.sasl.enabled.mechanisms=SCRAM-SHA-512',
    `listener.name.secure.scram-sha-512.sasl.jaas.config=${scram}`,
    'ssl.keystore.type=PEM',
    `ssl.keystore.location=${join(folder, keyStore)}`,
    'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users=User:ANONYMOUS',
    'allow.everyone.if.no.acl.found=false',
    `log.dirs=${join(folder, 'logs')}`,
    'auto.create.topics.enable=false',
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=4',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.num.partitions=4',
    'transaction.state.log.min.isr=1',
    'group.initial.rebalance.delay.ms=0',
    // A broker that is alone need not write twice a second that nothing is new: half of what it does at rest.
    'metadata.max.idle.interval.ms=0',
  ]
}
