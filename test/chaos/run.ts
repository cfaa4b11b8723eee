// `npm run chaos`: kills processes around the worker at random and says what came of it.
//   node dist/test/chaos/run.js [--events 200000] [--rate N] [--kills 12] [--seed 1] [--workers 2] [--updates]
//     [--json FILE] [--log FILE]
// The stream lasts for about as long as the kills, or has --rate events a second: where that is more than the workers
// keep up with, a recovery lasts as long as the backlog that there was before the kill.

import { createWriteStream, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { runChaos } from './harness.ts'

/** How long a kill and its recovery take, about, on a busy machine. */
const roundSeconds = 12
const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '200000' },
    rate: { type: 'string' },
    kills: { type: 'string', default: '12' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    updates: { type: 'boolean', default: false },
    json: { type: 'string' },
    log: { type: 'string' },
  },
})
const log = values.log === undefined ? undefined : createWriteStream(values.log)
/** What the workers say, and in between what happened to them. */
const keep = (who: string, line: string): void =>
  void log?.write(`${new Date().toISOString()} ${who} ${line}\n`)
const say = (line: string): void => {
  process.stderr.write(`${line}\n`)
  keep('chaos', line)
}
const result = await runChaos(
  { env: process.env, say },
  {
    events: Number(values.events),
    eventsPerSecond: Number(
      values.rate ?? Number(values.events) / (Number(values.kills) * roundSeconds),
    ),
    kills: Number(values.kills),
    seed: Number(values.seed),
    workers: Number(values.workers),
    shares: values.updates,
    users: 5_000,
    pauseMsMax: 6_000,
    heard: (worker, line) => keep(`worker-${worker}`, line),
  },
)
const { events, kills, missing, extra, planted, deadLetters } = result
const { recoverySeconds, twoAtOnceSeconds } = result
const row = {
  ...{ events, kills, missing, extra, planted, deadLetters },
  ...{ recoverySeconds, twoAtOnceSeconds, log: result.log },
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(row)}\n`)
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
const whole =
  missing + extra + result.wrongLetters + result.listFaults.length + result.unlisted === 0 &&
  deadLetters === planted &&
  result.surprises.length === 0 &&
  (result.log === null || (result.log.unlearned === 0 && result.log.differing.length === 0)) &&
  result.ends.every((end) => end === 0)
process.exitCode = whole ? 0 : 1
log?.end()
