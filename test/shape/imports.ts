// Who may import whom, among the folders of src. Reading the table from top to bottom is reading the way of one event:
// a row imports only what stands above it.

/** What everybody may name. */
export const words = [
  ...['types', 'strength', 'errors', 'arrays', 'messages', 'requests', 'settings', 'config'],
]

export const MAY_IMPORT: Record<string, readonly string[]> = {
  types: [],
  strength: ['types'],
  errors: [],
  arrays: [],
  places: [],
  io: ['places'],
  messages: ['types'],
  requests: ['types', 'messages'],
  settings: ['errors'],
  config: ['errors', 'settings'],
  ports: ['types', 'errors', 'messages', 'requests'],
  metrics: ['types', 'messages', 'settings', 'ports'],
  wire: ['types', 'places'],
  consume: [...words, 'wire'],
  remember: [...words, 'ports'],
  sample: [...words, 'ports', 'remember/positives'],
  learn: [...words, 'ports', 'sample/random'],
  rank: [...words, 'ports', 'learn'],
  publish: [...words, 'ports', 'metrics', 'wire'],
  measure: [...words, 'ports', 'remember/positives', 'sample', 'learn/part'],
  paper: [...words, 'ports', 'remember/positives', 'sample', 'learn', 'rank'],
  updates: [...words, 'ports', 'wire'],
  adapters: [...words, 'ports', 'places'],
  trainer: [
    ...words,
    'ports',
    'remember',
    'sample',
    'learn',
    'rank',
    'measure',
    'paper',
    'updates',
  ],
  serve: [...words, 'ports', 'remember/ids'],
  app: [...words, 'ports', 'consume', 'remember', 'publish', 'updates/encode'],
  monitor: [
    ...words,
    'io',
    'ports',
    'metrics',
    'consume',
    'rank',
    'publish',
    'adapters/http',
    'app',
  ],
  worker: ['*'],
  world: [...words, 'sample'],
  lab: [
    ...words,
    'ports',
    'remember',
    'sample',
    'learn',
    'rank',
    'measure',
    'paper',
    'trainer',
    'updates',
  ],
  command: ['*'],
  thread: ['*'],
  main: ['*'],
}

/** Adapters may also import the stage that defines what they exchange. */
const MAY_ALSO: Record<string, readonly string[]> = {
  'adapters/memory': ['remember/name-table', 'remember/runs'],
  'adapters/arrays': ['learn'],
  'adapters/tfjs': ['learn'],
  'adapters/wasm': ['learn', 'kernel/constants', 'kernel/globals', 'kernel/draws/globals'],
  'adapters/file': ['consume'],
}

export function mayImport(file: string, target: string): boolean {
  const prefixes = [...(MAY_IMPORT[area(file)] ?? [])]
  for (const [folder, more] of Object.entries(MAY_ALSO)) {
    if (file.startsWith(`src/${folder}`)) prefixes.push(...more)
  }
  if (prefixes.includes('*')) return true
  return prefixes.some((prefix) => isUnder(moduleOf(target), prefix))
}

/** src/learn/part.ts → learn/part */
export function moduleOf(file: string): string {
  return file.replace(/^src\//, '').replace(/\.ts$/, '')
}

export function isUnder(module: string, prefix: string): boolean {
  return module === prefix || module.startsWith(`${prefix}/`)
}

/** The first folder below src, or the file's own name: src/learn/part.ts → learn, src/app.ts → app. */
export function area(file: string): string {
  const [, first = ''] = file.split('/')
  return first.replace(/\.ts$/, '')
}
