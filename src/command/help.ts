// What `--help` adds to the list of options: lines to paste, and a width that a terminal has.

import type { Command } from 'commander'
import { nameOf, strayFault } from './settings-flags.ts'
import { addHelpAll } from './usual-flags.ts'

/** Wrong use of the command line, as in sysexits.h. */
const usageExitCode = 64
/** Descriptions are wrapped down to this width, so that 80 columns are enough. */
const columnsMin = 30

const checkpoints = '--checkpoints state'
const examples: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'neupr-worker': [
    ['demo', 'a minute, nothing else needed: watch it learn'],
    ['demo --data events.tsv.gz', 'the same on your own events'],
    ['run --help', 'the main job; --help-all with every setting'],
  ],
  run: [
    [`run --source file:events.ndjson --sink file:lists.ndjson ${checkpoints}`, 'follow a file'],
    ['run --source file:events.tsv.gz --sink file:- --stop-at-end', 'all of a file, then stop'],
    ['run --source kafka:interactions --sink kafka:recommendations', 'the main job'],
    ['run --http-port 9100', 'with a page to look at, probes and metrics'],
    ['run --settings settings.json', 'settings out of a file; config prints them all'],
  ],
  demo: [
    ['demo', 'a made-up world whose truth is known'],
    ['demo --http-port 9100', 'with a live page beside it, until Ctrl-C'],
    ['demo --data events.tsv.gz', 'columns user, item, timestamp; also CSV, NDJSON, MovieLens'],
    ['demo --events 20000 --effort light', 'in a few seconds'],
  ],
  recommend: [[`recommend u42 ${checkpoints}`, 'the list, P that each beats the next, and why']],
  similar: [[`similar i7 ${checkpoints}`, 'the list for somebody who has only this item']],
  inspect: [['inspect state', 'facts, sizes, anything that is not finite']],
  size: [
    ['size --users 1000000 --items 100000 --positives 20 --rate 200', 'what a worker will need'],
  ],
  export: [
    [`export positives ${checkpoints} | head -1`, '{"user":"u1","items":["i4","i9"]}'],
    [`export lists ${checkpoints}`, 'every list as it would be now'],
  ],
  world: [
    ['world --events 100000 > events.ndjson', 'people with tastes that can be learned'],
    [
      'world --shop --stock stock.ndjson > shop.ndjson',
      'views, carts, purchases, and an item feed',
    ],
  ],
  evaluate: [['evaluate --data ratings.tsv --protocol ncf --model ease', 'one model on one log']],
  study: [
    ['study factors --data ml-1m.tsv.gz --out study', 'Tables 1 and 3; stop it, and go on later'],
    ['study depth --data ratings.tsv --quick', 'the shape of Figure 6 in minutes'],
    ['study history --data ratings.tsv --factors 32', 'how long a history should be'],
  ],
  pretrain: [
    [`pretrain --data events.tsv.gz ${checkpoints}`, 'then: run with the same settings'],
    [
      `pretrain --data events.tsv.gz --parts rows --tower joint --factors 8 ${checkpoints}`,
      'the NeuPR of the paper, NBPR and DNCR trained first and joined',
    ],
  ],
  rebuild: [['rebuild --from earliest --source kafka:interactions', 'fill an empty store again']],
  config: [
    ['config', 'the values in effect, and where each comes from'],
    ['config --json | jq -r ".[].env"', 'the names of all variables'],
  ],
  topics: [['topics create', 'the three topics with the right settings']],
  produce: [['produce --file events.tsv.gz --topic interactions', 'a file into a topic']],
  tail: [['tail --topic recommendations', 'lists as they come']],
  dlq: [
    ['dlq list', 'what could not be used, and why'],
    ['dlq replay', 'send it again once the cause is fixed'],
  ],
  doctor: [['doctor', 'check every service that the settings name']],
}

/** Gives a command and all below it examples and hints, and lets them end with 64 where they were called wrongly. */
export function addHelp(command: Command): Command {
  command.configureHelp({ minWidthToWrap: columnsMin })
  addHelpAll(command)
  command.configureOutput({ outputError: (text, write) => write(withHints(text, command)) })
  command.showHelpAfterError(`(${nameOf(command)} --help says what there is)`)
  command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : usageExitCode))
  const lines = examples[command.name()]
  if (lines !== undefined) command.addHelpText('after', textOf(lines))
  for (const one of command.commands) addHelp(one)
  return command
}

/** What commander says is missing was often given under a mistyped name; its own hints know no hidden flags. */
function withHints(text: string, command: Command): string {
  const [error = ''] = text.split('\n')
  const unknown = command.args.filter((one) => /^--[^-]/.test(one))
  if (!/unknown option|not specified|missing required/.test(error) || unknown.length === 0) {
    return text
  }
  const hints = unknown.map((one) => strayFault(command, one))
  const told = error.includes('unknown option') ? `error: ${hints.shift()}` : error
  return [told, ...hints.map((one) => `  ${one}`), ''].join('\n')
}

/** A command too long for a column of its own has its meaning on the next line. */
function textOf(lines: readonly (readonly [string, string])[]): string {
  const wide = lines.some(([typed, meaning]) => typed.length + meaning.length > 58)
  const width = Math.max(...lines.map(([typed]) => typed.length))
  const told = lines.map(([typed, meaning]) =>
    wide
      ? `  neupr-worker ${typed}\n      ${meaning}`
      : `  neupr-worker ${typed.padEnd(width)}  ${meaning}`,
  )
  return `\nExamples:\n${told.join('\n')}`
}
