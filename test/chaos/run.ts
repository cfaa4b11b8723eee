// `npm run chaos -- [FLAG …]`: kills processes around the worker at random and says what came of it. The stream lasts
// for about as long as the kills, or has --rate events a second: where that is more than the workers keep up with, a
// recovery lasts as long as the backlog that there was before the kill.

import { createWriteStream, writeFileSync } from 'node:fs'
import { readCommandLine, wholeNumber } from '../runner/command-line.ts'
import { runChaos } from './harness.ts'

/** How long a kill and its recovery take, about, on a busy machine. */
const roundSeconds = 12
const usage = `usage: npm run chaos -- [FLAG …]
Kills workers, the broker and Redis at random while a stream is learned, and says what came of it.
  --events N    of the stream: 200000
  --rate N      events a second; otherwise the stream lasts for about as long as the kills
  --kills N     12
  --seed N      of what is killed, and when: 1
  --workers N   2
  --updates     the workers share a log of their updates
  --json FILE   the figures
  --log FILE    what the workers say`
const { values } = readCommandLine(usage, {
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
const [events, kills] = [wholeNumber('events', values.events), wholeNumber('kills', values.kills)]
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
    events,
    eventsPerSecond:
      values.rate === undefined
        ? events / (kills * roundSeconds)
        : wholeNumber('rate', values.rate),
    kills,
    seed: wholeNumber('seed', values.seed, 0),
    workers: wholeNumber('workers', values.workers),
    shares: values.updates,
    users: 5_000,
    pauseMsMax: 6_000,
    heard: (worker, line) => keep(`worker-${worker}`, line),
  },
)
const { missing, extra, planted, deadLetters, recoverySeconds, twoAtOnceSeconds } = result
const row = {
  ...{ events: result.events, kills: result.kills, missing, extra, planted, deadLetters },
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
