// Runs test files against real servers: starts them, hands their addresses on, stops them.
//   node dist/test/run.js [--kafka 4.4.0|3.9.2] [file …]     without files: every test but tidy

import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { startServers } from './servers/server-set.ts'
import { kafkaVersions, packageRoot } from './servers/versions.ts'

/** For one test file: a hang fails, it does not stand still. */
const testMsMax = 300_000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { kafka: { type: 'string', default: kafkaVersions[0] } },
})
const kafka = kafkaVersions.find((version) => version === values.kafka)
if (kafka === undefined) throw new Error(`--kafka is one of ${kafkaVersions.join(', ')}`)
const files = positionals.length > 0 ? positionals : testFiles()

const say = (line: string): void => {
  process.stderr.write(`servers: ${line}\n`)
}
const servers = await startServers({ env: process.env, say }, kafka)
const code = await runTests({ ...process.env, ...servers.env })
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

function testFiles(): string[] {
  const folder = join(packageRoot, 'dist', 'test')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.js') && name !== 'tidy.test.js')
    .map((name) => relative(process.cwd(), join(folder, name)))
    .sort()
}
