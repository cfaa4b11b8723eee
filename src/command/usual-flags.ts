// The flags that --help shows of a command with many; --help-all shows the rest under their headings.

import type { Command, Option } from 'commander'

/** Of commands with more flags than a reader takes in at once. A name that a command has not is an error. */
const usual: Readonly<Record<string, readonly string[]>> = {
  run: [
    ...['--source', '--sink', '--columns', '--shape', '--actions', '--record-form', '--list-form'],
    ...['--checkpoints', '--kafka-brokers', '--kafka-group', '--redis', '--registry-url', '--k'],
    ...['--http-port', '--fresh', '--stop-at-end', '--settings'],
  ],
  demo: [
    ...['--data', '--events', '--columns', '--shape', '--actions', '--http-port', '--effort'],
    ...['--k', '--seed', '--summary'],
  ],
  pretrain: [
    ...['--data', '--checkpoints', '--fresh', '--passes', '--columns', '--shape', '--actions'],
    ...['--parts', '--redis', '--seed', '--settings', '--json'],
  ],
  rebuild: [
    ...['--from', '--source', '--sink', '--columns', '--shape', '--record-form', '--checkpoints'],
    ...['--kafka-brokers', '--kafka-group', '--redis', '--registry-url', '--settings'],
  ],
  prequential: [
    ...['--data', '--strict', '--against', '--limit', '--columns', '--shape', '--actions'],
    ...['--rating-min', '--parts', '--effort', '--seed', '--settings', '--json'],
  ],
  tune: [
    ...['--data', '--grid', '--only', '--limit', '--results', '--columns', '--shape'],
    ...['--actions', '--parts', '--seed', '--settings', '--json'],
  ],
  evaluate: [
    ...['--data', '--model', '--protocol', '--negatives', '--parts', '--factors', '--seeds'],
    ...['--epochs', '--minimum', '--columns', '--shape', '--actions', '--rating-min', '--json'],
  ],
  study: [
    ...['--data', '--music', '--only', '--out', '--quick', '--seeds', '--factors', '--epochs'],
    ...['--minimum', '--columns', '--shape', '--actions', '--json'],
  ],
  preview: [
    ...['--records', '--shapes', '--columns', '--shape', '--actions', '--rating-min'],
    ...['--time-unit', '--time-zone', '--time-format', '--format', '--kafka-brokers', '--json'],
  ],
  produce: [
    ...['--file', '--topic', '--form', '--rate', '--columns', '--shape', '--actions'],
    ...['--rating-min', '--time-unit', '--kafka-brokers', '--registry-url'],
  ],
}

/** Hides the others until --help-all asks for them. */
export function addHelpAll(command: Command): void {
  const shown = usual[command.name()]
  if (shown === undefined) return
  const known = new Set(command.options.map(({ long }) => long))
  const unheard = shown.filter((flag) => !known.has(flag))
  if (unheard.length > 0) throw new Error(`${command.name()} has no ${unheard.join(', ')}`)
  const rest = command.options.filter(({ long }) => !shown.includes(long ?? ''))
  const headings = command.options.map((option) => [option, option.helpGroupHeading] as const)
  for (const option of rest) option.hideHelp()
  // A dozen flags need no headings.
  for (const option of command.options) setHeading(option, undefined)
  command.option('--help-all', `display help with the other ${rest.length} flags as well`)
  command.on('option:help-all', () => {
    for (const option of rest) option.hideHelp(false)
    for (const [option, heading] of headings) setHeading(option, heading)
    command.help()
  })
}

function setHeading(option: Option, heading: string | undefined): void {
  if (heading === undefined) delete option.helpGroupHeading
  else option.helpGroup(heading)
}
