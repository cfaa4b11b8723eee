// Runs test files, those that need them against real servers: starts them, hands their addresses on, stops them. Says
// at the end where the time of the processor went.

import { setMaxListeners } from 'node:events'
import { availableParallelism } from 'node:os'
import { readCommandLine } from './runner/command-line.ts'
import { type Part, planOf, tests } from './runner/plan.ts'
import { createPlayer } from './runner/play.ts'
import { costLines, costOf } from './runner/processor-time.ts'
import { startServers } from './servers/server-set.ts'

/**
 * More files that wait run at once than there are cores. Beside them, so that no core rests, as many that compute as
 * there are cores: they give way to those that wait for servers and sessions.
 */
const waitingAtOnce = availableParallelism() + 2
const computingAtOnce = availableParallelism()
const costsShown = 12

const usage = `usage: node dist/test/run.js [--kafka 4.4.0|3.9.2] [FILE or FOLDER …]
Runs built tests (dist/test/…) with the servers that they need; without any named, all but tidy.`
const { values, positionals } = readCommandLine(usage, {
  allowPositionals: true,
  options: { kafka: { type: 'string' } },
})
const { waiting, computing } = planOf(positionals.length > 0 ? positionals : [tests])

const say = (line: string): void => {
  process.stderr.write(`${line}\n`)
}
const env = { ...process.env, ...(values.kafka && { TEST_KAFKA_VERSION: values.kafka }) }
const stop = new AbortController()
// Every process of tests is one.
setMaxListeners(Number.POSITIVE_INFINITY, stop.signal)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
const player = createPlayer(process.stdout, stop.signal)

const passed = await Promise.all([
  player.play(computing, { atOnce: computingAtOnce, givesWay: true }),
  withServers(waiting),
])
const costs = await player.end()
for (const line of costLines(costs, costOf('runner'), costsShown)) say(line)
process.exitCode = passed.every(Boolean) && !stop.signal.aborted ? 0 : 1

async function withServers(some: readonly Part[]): Promise<boolean> {
  if (some.length === 0) return true
  const servers = await startServers({ env, say: (line) => say(`servers: ${line}`), isBrief: true })
  // The test files are processes of their own, which inherit this environment.
  Object.assign(process.env, env, servers.env)
  try {
    return await player.play(some, { atOnce: waitingAtOnce, givesWay: false })
  } finally {
    await servers.stop()
  }
}
