// What `node dist/test/bench/run.js` can measure, and which flags each bench reads.

interface Entry {
  readonly measures: string
  /** What stands behind each flag; nothing behind a switch. */
  readonly flags?: Readonly<Record<string, string>>
}

const catalogues = { items: 'N,N' }
const stream = { data: 'FILE', events: 'N' }

const entries = {
  train: { measures: 'triplets a second of each engine' },
  rank: { measures: 'scores and comparisons a second of each engine' },
  lists: {
    measures: 'a list over catalogues of --items, --lists in all, against a plain scan',
    flags: { ...catalogues, lists: 'N', candidates: 'N', 'rank-threads': 'N,N' },
  },
  turns: { measures: 'the pieces of a turn at --items', flags: { ...catalogues, events: 'N' } },
  event: { measures: 'an event, over catalogues of --items', flags: catalogues },
  growth: { measures: 'what a new user and a new item take' },
  freshness: {
    measures: 'from event to list at each --rate of events a second',
    flags: { items: 'N', rate: 'N,N' },
  },
  size: {
    measures:
      'memory and checkpoint at each of --sizes, or at shares of --users, --items, --events',
    flags: {
      ...{ sizes: 'SIZE,SIZE', users: 'N', items: 'N', events: 'N' },
      ...{ overload: 'wait|shed', effort: 'EFFORT', pretrained: '' },
      ...{ learned: 'N', redis: '', 'neighbours-bytes-max': 'N' },
    },
  },
  live: { measures: 'a live worker against `prequential`, on each file of --data', flags: stream },
  overload: { measures: 'what shedding costs once it is over', flags: stream },
  shedding: { measures: 'what a share of the work on each event costs' },
  workers: {
    measures:
      'groups of --workers at --rate together or --each; --apart: sharing nothing; --joins: another joins',
    flags: { ...stream, workers: 'N,N', rate: 'N', each: '', apart: '', joins: '' },
  },
  long: { measures: 'a hundred million triplets without a pause' },
  sample: { measures: 'triplets drawn a second' },
  threads: { measures: 'what threads bring to a step' },
  windows: { measures: 'learning from windows' },
  pipeline: { measures: 'a worker on Kafka and Redis against a loop that only stores' },
  start: {
    measures: 'starts with --users in Redis, and kills of workers',
    flags: { users: 'N,N', kills: 'N' },
  },
  kills: { measures: '--kills of one worker, and of one of two', flags: { kills: 'N' } },
  store: { measures: 'the store of positives in Redis' },
  shop: {
    measures: 'purchases, carts and views of a made-up shop',
    flags: { events: 'N', seeds: 'N,N' },
  },
  scrape: { measures: 'a scrape of the metrics during learning' },
  api: { measures: 'lists over HTTP during learning' },
  checkpoint: { measures: 'saving states of --sizes MB', flags: { sizes: 'N,N' } },
  poisoning: { measures: 'a stream with random labels in it', flags: { svg: 'FILE' } },
} as const satisfies Readonly<Record<string, Entry>>

export type BenchName = keyof typeof entries

const benchesByName: Readonly<Record<BenchName, Entry>> = entries
export const benchNames = Object.keys(entries) as readonly BenchName[]

const flagsOf = (name: BenchName): Readonly<Record<string, string>> =>
  benchesByName[name].flags ?? {}

/** The first of the flags that were typed which none of the benches reads. */
export function unreadFlag(
  names: readonly BenchName[],
  typed: readonly string[],
): string | undefined {
  const forAll = ['json']
  return typed.find(
    (flag) => !forAll.includes(flag) && !names.some((name) => Object.hasOwn(flagsOf(name), flag)),
  )
}

/** The benches that read the flag. */
export function readersOf(flag: string): readonly BenchName[] {
  return benchNames.filter((name) => Object.hasOwn(flagsOf(name), flag))
}

export function benchUsage(): string {
  const lines = benchNames.flatMap((name) => {
    const flags = Object.entries(flagsOf(name)).map(([flag, value]) =>
      value === '' ? `[--${flag}]` : `[--${flag} ${value}]`,
    )
    const told = `  ${name.padEnd(10)}  ${benchesByName[name].measures}`
    return flags.length === 0 ? [told] : [told, `${' '.repeat(14)}${flags.join(' ')}`]
  })
  return [
    'usage: npm run bench -- NAME … [FLAG …] [--json FILE]',
    'Prints a line of JSON for each row. --data can stand more than once; NEUPR_BENCH_STREAM names the file of events',
    'for the benches without --data that play a stream.',
    '',
    ...lines,
  ].join('\n')
}
