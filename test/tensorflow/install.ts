// npm run tensorflow: puts the native library under @tensorflow/tfjs-node and builds its binding.
// The library is that of the Python package tensorflow-cpu, since the one the package's own script
// fetches is often out of reach. Running it again costs a second. Linux on x86-64 only.

import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { copyFile, mkdir, rename, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { checkSha256, once, python, runTool, type Workshop } from '../servers/tools.ts'
import { cacheFolder, packageRoot } from '../servers/versions.ts'

const wheel = {
  name: 'tensorflow-cpu==2.21.0',
  file: 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
  sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
  target: ['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311'],
  platform: 'manylinux_2_27_x86_64',
}

/** What the binding needs of the wheel: two libraries and the headers. */
const unpack = `import sys, zipfile
wheel, folder = sys.argv[1:]
with zipfile.ZipFile(wheel) as all:
    for name in all.namelist():
        library = name in ('tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2')
        if library or name.startswith('tensorflow/include/'): all.extract(name, folder)
`

/** The names under which the binding looks for the two libraries. */
const links = {
  'libtensorflow_cc.so.2': ['libtensorflow_cc.so.2', 'libtensorflow.so', 'libtensorflow.so.2.9.1'],
  'libtensorflow_framework.so.2': ['libtensorflow_framework.so.2', 'libtensorflow_framework.so'],
} as const

/** @throws Error that says what is missing and how to get it. */
export async function installTensorflow(shop: Workshop): Promise<void> {
  const started = performance.now()
  const known = await loads()
  if (known !== undefined) return shop.say(`native TensorFlow ${known} is there already`)
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `there is a library for linux x64 only, this is ${process.platform} ${process.arch}; ` +
        'the worker and its tests run without it',
    )
  }
  const folder = await once(shop, wheel.name.replace('==', '-'), fetchLibrary)
  const home = await packageHome(shop)
  await linkLibrary(join(folder, 'tensorflow'), join(home, 'deps'))
  await build(shop, home, folder)
  const version = await loads()
  if (version === undefined) throw new Error(`the binding was built, but: ${await whyNot()}`)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  shop.say(`native TensorFlow ${version} runs under tfjs-node, after ${seconds} s`)
}

async function fetchLibrary(beside: string): Promise<void> {
  const pip = ['-m', 'pip', 'download', '-q', '--no-deps', '--only-binary', ':all:']
  const { name, target, platform, file, sha256 } = wheel
  await python(...pip, ...target, '--platform', platform, '-d', beside, name).catch(
    (cause: unknown) => {
      const why = `could not fetch ${name} (274 MB): ${(cause as Error).message}`
      throw new Error(`${why}\npython3 with pip and a way to PyPI are needed`, { cause })
    },
  )
  await checkSha256(join(beside, file), sha256)
  await python('-c', unpack, join(beside, file), beside)
  await rm(join(beside, file))
}

/** The folder of the package, which is installed if need be: an optional peer, too large to come with every clone. */
async function packageHome(shop: Workshop): Promise<string> {
  const home = join(packageRoot, 'node_modules', '@tensorflow', 'tfjs-node')
  if (existsSync(home)) return realpathSync(home)
  const manifest = readFileSync(join(packageRoot, 'package.json'), 'utf8')
  const { peerDependencies } = JSON.parse(manifest) as { peerDependencies: Record<string, string> }
  const wanted = `@tensorflow/tfjs-node@${peerDependencies['@tensorflow/tfjs-node']}`
  shop.say(`installing ${wanted} …`)
  // Its own install script would fetch another library. What was left out at `npm ci` is not brought in now.
  // npm leaves out an optional peer even where it is named, unless it is to be a dependency proper.
  const flags = ['--no-save', '--save-prod', '--ignore-scripts', '--prefer-offline']
  const isDevelopment = existsSync(join(packageRoot, 'node_modules', 'typescript'))
  if (!isDevelopment) flags.push('--omit=dev')
  const told = await runTool('npm', ['install', ...flags, wanted], { cwd: packageRoot })
  if (!existsSync(home)) throw new Error(`npm did not install ${wanted}:\n${told}`)
  return realpathSync(home)
}

async function linkLibrary(from: string, deps: string): Promise<void> {
  await rm(deps, { recursive: true, force: true })
  await mkdir(join(deps, 'lib'), { recursive: true })
  await symlink(join(from, 'include'), join(deps, 'include'))
  for (const [file, names] of Object.entries(links)) {
    for (const name of names) await symlink(join(from, file), join(deps, 'lib', name))
  }
}

/** Builds the binding once per cache; a fresh node_modules gets a copy. */
async function build(shop: Workshop, home: string, folder: string): Promise<void> {
  const binding = join(home, 'lib', 'napi-v8', 'tfjs_binding.node')
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
    version: string
  }
  const kept = join(folder, `tfjs_binding-${version}.node`)
  await mkdir(dirname(binding), { recursive: true })
  if (existsSync(kept)) {
    await copyFile(kept, binding)
    if ((await loads()) !== undefined) return
    shop.say('the binding that was kept does not load here: building it anew')
  }
  const headers = nodeHeaders(shop.env)
  const env = { ...process.env, ...(headers ? { npm_config_nodedir: headers } : {}) }
  const tool = join(packageRoot, 'node_modules', '.bin', 'node-pre-gyp')
  await runTool(tool, ['install', '--build-from-source'], { cwd: home, env }).catch(
    (cause: unknown) => {
      const how = 'needed are g++, make, python3, and the headers of Node (npm_config_nodedir)'
      throw new Error(`could not build the binding: ${(cause as Error).message}\n${how}`, { cause })
    },
  )
  const written = `${kept}.${process.pid}`
  await copyFile(binding, written)
  await rename(written, kept)
}

/** Where Node's headers are, if beside node itself; else node-gyp fetches them from nodejs.org. */
function nodeHeaders(env: Workshop['env']): string | undefined {
  if (env.npm_config_nodedir) return env.npm_config_nodedir
  const prefix = dirname(dirname(realpathSync(process.execPath)))
  return existsSync(join(prefix, 'include', 'node', 'node_api.h')) ? prefix : undefined
}

const probe = `import { loadTensors } from '${new URL('../../src/adapters/tfjs/load.js', import.meta.url)}'
const { tf } = await loadTensors('native', process.env)
tf.tensor1d([1, 2]).square().dataSync()
console.log('version ' + tf.backend().binding.TF_Version)`

/** The library's version as a process of its own sees it, or undefined. */
async function loads(): Promise<string | undefined> {
  try {
    const words = await runTool(process.execPath, ['--input-type=module', '-e', probe])
    return /version (\S+)/.exec(words)?.[1]
  } catch (cause) {
    // Not there yet, or not for this machine: whyNot() asks again where that is the end of it.
    if (cause instanceof Error) return undefined
    throw cause
  }
}

async function whyNot(): Promise<string> {
  return runTool(process.execPath, ['--input-type=module', '-e', probe]).catch(String)
}

if (process.argv[1] === import.meta.filename) {
  const say = (line: string) => void process.stderr.write(`tensorflow: ${line}\n`)
  const { env } = process
  say(`the library is kept in ${cacheFolder(env)}`)
  await installTensorflow({ env, say }).catch((error: unknown) => {
    say(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  })
}
