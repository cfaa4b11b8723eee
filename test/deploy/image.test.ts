// The image without a container engine: the steps of the Dockerfile in a clean folder, then the result run as a
// user without rights on files that it may not write.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, cp, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../servers/ports.ts'
import { dataFolder } from '../servers/process.ts'
import { runTool } from '../servers/tools.ts'
import { packageRoot } from '../servers/versions.ts'
import { deployFile } from './shipped.ts'

/** One stage: its instructions from FROM to the next. */
function stage(name: string): string[] {
  const stages = deployFile('../Dockerfile').split(/^FROM /m)
  const found = stages.find((text) => new RegExp(`^\\S+ AS ${name}\n`).test(text))
  assert.ok(found !== undefined, `no stage ${name}`)
  return found.split('\n').slice(1)
}

/** What npm has fetched before is not asked for again. */
const offline = { ...process.env, npm_config_prefer_offline: 'true', npm_config_audit: 'false' }

/**
 * Takes over the kernels with the note of what they were built from, as a build that was cut off would leave them: the
 * build compiles them again only where a source is missing or another one.
 */
async function giveKernels(into: string): Promise<void> {
  for (const path of ['dist/.build.json', 'dist/src/kernel']) {
    const filter = (source: string) => !/\.(js|map)$/.test(source)
    await cp(join(packageRoot, path), join(into, path), { recursive: true, filter })
  }
}

interface Lock {
  readonly packages: Readonly<Record<string, { version?: string; optional?: boolean }>>
}

/**
 * What `npm ci` would fetch and unpack, as links to what it has unpacked here already from the same lock file. False
 * where other packages are here, or a link cannot lead there. What follows only deletes, and so leaves ours alone.
 */
async function linkPackages(into: string): Promise<boolean> {
  const modules = join(packageRoot, 'node_modules')
  const note = 'node_modules/.package-lock.json'
  const read = async (path: string): Promise<Lock> => {
    return JSON.parse(await readFile(join(packageRoot, path), 'utf8'))
  }
  const [wanted, here] = await Promise.all([read('package-lock.json'), read(note)])
  const isSame = Object.entries(wanted.packages).every(([path, { version, optional }]) => {
    const found = here.packages[path]
    return path === '' || (found === undefined ? optional === true : found.version === version)
  })
  if (!isSame || Object.keys(here.packages).some((path) => !(path in wanted.packages))) return false
  const links = await runTool('cp', ['-al', modules, into]).catch(() => undefined)
  if (links === undefined) return false
  // The one file that npm writes again.
  await rm(join(into, note))
  await cp(join(packageRoot, note), join(into, note))
  return true
}

/** COPY and RUN as the engine would, from the package or from what an earlier stage left. */
async function follow(instructions: readonly string[], into: string, built: string) {
  for (const line of instructions) {
    const [, word = '', rest = ''] = /^(COPY|RUN) (.+)$/.exec(line) ?? []
    if (rest === 'npm ci --ignore-scripts' && (await linkPackages(into))) continue
    if (word === 'RUN') await runTool('sh', ['-c', rest], { cwd: into, env: offline })
    if (word !== 'COPY') continue
    const words = rest.split(' ')
    const from = words.some((one) => one.startsWith('--from=')) ? built : packageRoot
    const paths = words.filter((one) => !one.startsWith('--'))
    const [sources, target = ''] = [paths.slice(0, -1), paths.at(-1)]
    for (const source of sources.map((one) => one.replace(/^\/build\//, '').replace(/\*$/, ''))) {
      const to = target.endsWith('/') ? join(into, target, source) : join(into, target)
      await mkdir(dirname(to), { recursive: true })
      const found = await stat(join(from, source)).catch(() => undefined)
      if (found !== undefined) await cp(join(from, source), to, { recursive: true })
      else assert.ok(rest.includes(`${source}*`), `${source} is missing`)
    }
  }
}

async function megabytes(folder: string): Promise<number> {
  let bytes = 0
  for (const one of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (one.isFile()) bytes += (await stat(join(one.parentPath, one.name))).size
  }
  return bytes / 1e6
}

test('the steps of the Dockerfile make a worker that runs without rights', async (t) => {
  const { path: built, remove } = await dataFolder('image-build')
  const { path: image, remove: removeImage } = await dataFolder('image')
  t.after(() => Promise.all([remove(), removeImage()]))
  await giveKernels(built)
  await follow(stage('build'), built, built)
  await follow([...stage('runtime'), ...stage('worker')], image, built)
  await chmod(image, 0o755)
  const size = await megabytes(image)
  t.diagnostic(`${size.toFixed(0)} MB beside Node itself`)
  assert.ok(size < 150, `${size} MB`)
  for (const name of ['test', 'deploy', '.npmrc', 'node_modules/typescript']) {
    await assert.rejects(stat(join(image, name)), name)
  }
  await worksIn(t, image)
})

/** From the start to /readyz, and what it holds at rest; then events through standard input until lists come. */
async function worksIn(t: TestContext, image: string): Promise<void> {
  const { path: state, remove } = await dataFolder('image-state')
  t.after(remove)
  await chmod(state, 0o777)
  const port = await freePort()
  const started = performance.now()
  const since = () => `${(performance.now() - started).toFixed(0)} ms from start`
  const child = start(image, state, port)
  let lists = ''
  let words = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    lists += chunk.toString()
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    words += chunk.toString()
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  while (!(await isReady(port)) && child.exitCode === null) await delay(20)
  t.diagnostic(`${since()} to ready`)
  t.diagnostic(`${(await residentMegabytes(child)).toFixed(0)} MB resident at rest`)
  for (let k = 0; k < 200; k++) {
    const event = {
      user: `u${k % 20}`,
      item: `i${(k * 7) % 30}`,
      timestamp: 1e12 + k,
      action: 'ADD',
    }
    child.stdin?.write(`${JSON.stringify(event)}\n`)
  }
  while (!lists.includes('\n') && child.exitCode === null) await delay(20)
  t.diagnostic(`${since()} to the first list`)
  child.stdin?.end()
  assert.equal(await ended, 0, words)
  assert.match(lists, /"user":"u\d+"/)
}

function isReady(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  )
}

async function residentMegabytes(child: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '')
  const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(status) ?? []
  return Number(kilobytes ?? Number.NaN) / 1000
}

function start(image: string, state: string, port: number): ChildProcess {
  const files = { NEUPR_SOURCE: 'file:-', NEUPR_SINK: 'file:-', NEUPR_CHECKPOINTS: state }
  const settings = { ...files, NEUPR_HTTP_PORT: `${port}` }
  const rights = process.getuid?.() === 0 ? { uid: 10_001, gid: 10_001 } : {}
  return spawn(process.execPath, ['--enable-source-maps', join(image, 'dist/bin/main.js'), 'run'], {
    ...rights,
    cwd: image,
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...settings },
  })
}
