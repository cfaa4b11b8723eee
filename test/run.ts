// Runs test files against real servers: starts them, hands their addresses on, stops them.
//   node dist/test/run.js [--kafka 4.4.0|3.9.2] [file or folder …]     without any: every test but tidy

import { spawn } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { startServers } from './servers/server-set.ts'
import { packageRoot } from './servers/versions.ts'

/** For one test file: a hang fails, it does not stand still. */
const testMsMax = 300_000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { kafka: { type: 'string' } },
})
const asked = positionals.length > 0 ? positionals : [join(packageRoot, 'dist', 'test')]
const files = [...new Set(asked.flatMap(testFiles))]

const say = (line: string): void => {
  process.stderr.write(`servers: ${line}\n`)
}
const env = { ...process.env, ...(values.kafka && { TEST_KAFKA_VERSION: values.kafka }) }
const servers = await startServers({ env, say })
const code = await runTests({ ...env, ...servers.env })
await servers.stop()
process.exitCode = code

async function runTests(env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, ['--test', `--test-timeout=${testMsMax}`, ...files], {
    env,
    stdio: 'inherit',
  })
  // A Ctrl-C reaches the child too; this process waits for it, so that the servers are stopped after.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  return new Promise((resolve) => {
    child.once('exit', (exit) => resolve(exit ?? 1))
    child.once('error', (error) => {
      say(error.message)
      resolve(1)
    })
  })
}

/** A file as it is, a folder as the tests in it. @throws Error where there is none: no test is no success. */
function testFiles(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) throw new Error(`${path} does not exist`)
  if (!found.isDirectory()) return [path]
  const inside = readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.js') && name !== 'tidy.test.js')
    .map((name) => relative(process.cwd(), join(path, name)))
    .sort()
  if (inside.length === 0) throw new Error(`${path} holds no *.test.js`)
  return inside
}
