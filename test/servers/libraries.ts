// The programs of the Java servers, fetched through Maven and checked file by file.

import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkSha256, fetchScript, maven, once, python, type Workshop } from './tools.ts'
import {
  checksums,
  type KafkaVersion,
  mavenCopyPlugin,
  registrySha256,
  registryVersion,
} from './versions.ts'

/** The folder of jars of one Kafka; its class path is `<folder>/*`. */
export async function kafkaLibraries(shop: Workshop, version: KafkaVersion): Promise<string> {
  const name = `kafka-${version}`
  const folder = await once(shop, name, async (beside) => {
    await writeFile(join(beside, 'pom.xml'), pom(version))
    await mkdir(join(beside, 'libs'))
    const goal = `${mavenCopyPlugin}:copy-dependencies`
    await maven(shop, beside, [goal, '-DincludeScope=runtime', '-DoutputDirectory=libs'])
    await checkAll(join(beside, 'libs'), checksums(name))
  })
  return join(folder, 'libs')
}

/** Every file is of the list and as the list says, and none is missing. */
async function checkAll(folder: string, expected: ReadonlyMap<string, string>): Promise<void> {
  const found = await readdir(folder)
  for (const name of found) await checkSha256(join(folder, name), expected.get(name))
  const missing = [...expected.keys()].filter((name) => !found.includes(name))
  if (missing.length > 0) throw new Error(`${folder} lacks ${missing.join(', ')}`)
}

function pom(version: string): string {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>test</groupId><artifactId>servers</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId>
      <version>${version}</version>
    </dependency>
  </dependencies>
</project>
`
}

/** The folder of the schema registry's program. */
export async function registryProgram(shop: Workshop): Promise<string> {
  return once(shop, `apicurio-registry-${registryVersion}`, async (beside) => {
    const artifact = `io.apicurio:apicurio-registry-app:${registryVersion}:tar.gz:all`
    await maven(shop, beside, [
      `${mavenCopyPlugin}:copy`,
      `-Dartifact=${artifact}`,
      '-DoutputDirectory=.',
    ])
    const [archive = ''] = (await readdir(beside)).filter((name) => name.endsWith('.tar.gz'))
    await checkSha256(join(beside, archive), registrySha256)
    await python(fetchScript, 'unpack', join(beside, archive), beside)
    await rm(join(beside, archive))
  })
}
