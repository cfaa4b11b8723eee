// Builds dist from the sources, and only what has changed: TypeScript, the program, the WebAssembly kernels, the status
// page. Files of dist without a source are removed, so that no test of a renamed file runs on. Plain Node: the same in
// every shell. The program, dist/bin, is all modules in a few files: Node takes half of a start to find 400 of them.
//   node build.mjs [--kernels]     with --kernels: only the kernels

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join, normalize } from 'node:path'

const page = 'src/adapters/http/page'
const program = 'dist/bin'
/** What is started: the process, and its threads. */
const entries = [
  ...['src/main.ts', 'src/thread.ts', 'src/adapters/wasm/threads/pool-thread.ts'],
  'src/adapters/wasm/threads/rank-thread.ts',
]
/** What was built from what: the hash of the inputs of each part. */
const recordFile = 'dist/.build.json'
const typesState = 'dist/.tsbuildinfo'
const compilers = {
  tsc: 'node_modules/typescript/bin/tsc',
  asc: 'node_modules/assemblyscript/bin/asc.js',
  bundler: 'node_modules/esbuild/lib/main.js',
}
/**
 * For a compiler that is itself WebAssembly and runs for a second: to optimize it takes longer than it runs, and what it
 * writes is the same. Set in the process, where a flag that a later Node no longer knows is passed over.
 */
const withoutOptimizer = [
  '--import',
  "data:text/javascript,import v8 from 'node:v8'; v8.setFlagsFromString('--liftoff-only')",
]
const asc = { flags: withoutOptimizer, compiler: compilers.asc }
/** The binaries of compilers, which npm takes for optional: one for each system. */
const binaries = { TypeScript: 'node_modules/@typescript', program: 'node_modules/@esbuild' }

await build(process.argv.includes('--kernels'))

/** @param {boolean} kernelsOnly */
async function build(kernelsOnly) {
  const known = existsSync(recordFile) ? JSON.parse(readFileSync(recordFile, 'utf8')) : {}
  const all = [...(kernelsOnly ? [] : [typeScript(), bundle()]), ...kernels()]
  const due = all.filter(({ name, hash, outputs }) => {
    return known[name] !== hash || !outputs.every((path) => existsSync(path))
  })
  if (!kernelsOnly) copyPage()
  if (due.length > 0) {
    const started = performance.now()
    say(`building: ${due.map(({ name }) => name).join(', ')} …`)
    const results = await pool(due, async (part) => ({ part, built: await compile(part) }))
    for (const { part, built } of results) known[part.name] = built ? part.hash : 'failed'
    writeFileSync(recordFile, `${JSON.stringify(known, null, 2)}\n`)
    const failed = results.filter(({ built }) => !built).map(({ part }) => part.name)
    if (failed.length > 0) say(`not built: ${failed.join(', ')}`)
    else say(`built in ${seconds(started)} (${results.map(({ built }) => built).join(', ')})`)
    process.exitCode = failed.length > 0 ? 1 : 0
  }
  if (!kernelsOnly) removeStale(new Set(all.flatMap(({ outputs }) => outputs)))
}

/** Everything that tsc compiles is one part: it keeps its own record of what changed within. */
function typeScript() {
  const modulesOfNode = [...filesIn('src'), ...filesIn('test')].filter(
    (path) => path.endsWith('.ts') && !path.startsWith('src/kernel/'),
  )
  // Both compilers take the files of the kernel that a module of Node imports: names and numbers that both sides need.
  const sources = [...modulesOfNode, ...new Set(modulesOfNode.flatMap(importsFromKernel))]
  // The hidden lock file tells which packages are really there: their types are inputs, too.
  const inputs = ['tsconfig.json', 'package.json', 'node_modules/.package-lock.json', ...sources]
  const modules = sources.filter((path) => !path.endsWith('.d.ts'))
  const outputs = modules.map((path) => `dist/${path.slice(0, -'.ts'.length)}.js`)
  const args = ['--incremental', '--tsBuildInfoFile', typesState]
  return { name: 'TypeScript', hash: hashOf(inputs), outputs, compiler: compilers.tsc, args }
}

/** The program, from the same sources. Packages stay outside: they are dependencies of whoever installs it. */
function bundle() {
  const inputs = ['package.json', 'node_modules/esbuild/package.json', 'build.mjs']
  const outputs = entries.map((entry) => `${program}/${entry.replace(/.*\/|\.ts$/g, '')}.js`)
  const run = async () => {
    const { build } = await import('esbuild')
    rmSync(program, { recursive: true, force: true })
    await build({
      entryPoints: entries,
      entryNames: '[name]',
      outdir: program,
      ...{ bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node20.19' },
      ...{ packages: 'external', sourcemap: true, sourcesContent: false, tsconfigRaw: {} },
      logLevel: 'warning',
    })
  }
  const hash = hashOf([...inputs, ...closure(entries)])
  return { name: 'program', hash, outputs, compiler: compilers.bundler, run }
}

/** One part for each target of each asconfig.json below src/kernel. */
function kernels() {
  const configs = filesIn('src/kernel').filter((path) => path.endsWith('/asconfig.json'))
  return configs.flatMap((config) => {
    const folder = dirname(config)
    const { entries, targets, options } = JSON.parse(readFileSync(config, 'utf8'))
    const compiler = 'node_modules/assemblyscript/package.json'
    const inputs = [config, compiler, ...closure(entries.map((entry) => `${folder}/${entry}`))]
    const hash = hashOf(inputs)
    return Object.entries(targets ?? { '': options }).map(([target, { outFile }]) => {
      const output = slashes(normalize(join(folder, outFile)))
      const args = ['--config', config, ...(target === '' ? [] : ['--target', target])]
      const name = output.slice('dist/src/kernel/'.length)
      return { name, hash, outputs: [output], ...asc, args }
    })
  })
}

/** @param {string} file */
function importsFromKernel(file) {
  const imports = readFileSync(file, 'utf8').matchAll(/from '(\.{1,2}\/[^']*kernel\/[^']+\.ts)'/g)
  return [...imports]
    .map(([, path]) => slashes(normalize(join(dirname(file), path))))
    .filter((path) => path.startsWith('src/kernel/'))
}

/** The files and all that they import, directly or not. */
function closure(entries) {
  const seen = new Set()
  const queue = [...entries]
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (seen.has(file)) continue
    seen.add(file)
    const named = readFileSync(file, 'utf8').matchAll(/(?:from |import\()'(\.{1,2}\/[^']+)'/g)
    for (const [, path] of named) {
      const target = slashes(normalize(join(dirname(file), path)))
      const found = target.endsWith('.ts') ? [target] : [`${target}.ts`, `${target}/index.ts`]
      queue.push(...found.filter((one) => existsSync(one)).slice(0, 1))
    }
  }
  return [...seen].sort()
}

/** Runs a compiler, its words to the terminal. @returns what took how long, or undefined if it failed */
async function compile({ name, outputs, flags = [], compiler, args, run }) {
  const started = performance.now()
  if (!existsSync(compiler)) {
    say(`${compiler} is missing: run npm ci first`)
    return undefined
  }
  if (name in binaries && !existsSync(binaries[name])) {
    say(`${binaries[name]} is missing: to build, run npm ci without --omit=optional`)
    return undefined
  }
  // An output that was deleted by hand is written again only if tsc does not know that it wrote it.
  if (name === 'TypeScript' && !outputs.every((path) => existsSync(path))) {
    rmSync(typesState, { force: true })
  }
  for (const path of outputs) mkdirSync(dirname(path), { recursive: true })
  const done =
    run === undefined ? (await exitCode([...flags, compiler, ...args])) === 0 : await ends(run)
  return done ? `${name} ${seconds(started)}` : undefined
}

function exitCode(args) {
  const child = spawn(process.execPath, args, { stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.once('exit', resolve)
    child.once('error', reject)
  })
}

/** The bundler prints what is wrong by itself. */
async function ends(run) {
  return run().then(
    () => true,
    (error) => {
      if (!('errors' in error)) say(String(error))
      return false
    },
  )
}

/** As many at a time as there are cores, in the order given; the results in that order. */
async function pool(parts, run) {
  const results = []
  let next = 0
  const lane = async () => {
    while (next < parts.length) {
      const at = next++
      results[at] = await run(parts[at])
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, lane))
  return results
}

function copyPage() {
  for (const path of existsSync(page) ? filesIn(page) : []) {
    const copy = `dist/${path}`
    if (existsSync(copy) && readFileSync(copy).equals(readFileSync(path))) continue
    mkdirSync(dirname(copy), { recursive: true })
    cpSync(path, copy)
  }
}

/** Removes what no source stands for, and folders that are then empty. */
function removeStale(outputs) {
  for (const top of ['dist/src', 'dist/test'].filter((folder) => existsSync(folder))) {
    for (const path of filesIn(top)) {
      const isPage = path.startsWith(`dist/${page}/`) && existsSync(path.slice('dist/'.length))
      if (!isPage && !outputs.has(path.replace(/\.map$/, ''))) rmSync(path)
    }
    const folders = readdirSync(top, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name))
    // The deepest first: a folder is empty when those in it are gone.
    for (const folder of folders.sort().reverse()) {
      if (readdirSync(folder).length === 0) rmdirSync(folder)
    }
  }
}

/** All files below a folder, as paths with slashes, sorted. */
function filesIn(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => slashes(join(entry.parentPath, entry.name)))
    .sort()
}

function hashOf(paths) {
  const hash = createHash('sha256')
  for (const path of paths) {
    hash.update(`${path}\n`)
    if (existsSync(path)) hash.update(readFileSync(path))
  }
  return hash.digest('hex')
}

function slashes(path) {
  return path.replaceAll('\\', '/')
}

function seconds(started) {
  return `${((performance.now() - started) / 1000).toFixed(1)} s`
}

function say(line) {
  process.stderr.write(`${line}\n`)
}
