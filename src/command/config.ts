// `neupr-worker config`: every setting with its name, variable, value, unit, bounds and meaning.

import { Command } from 'commander'
import { type ReadConfig, readConfig } from '../config.ts'
import type { Io } from '../io.ts'
import { settingGroups, settings } from '../settings/all.ts'
import { flagOf, type Setting } from '../settings/setting.ts'

const rows = Object.entries(settings) as [string, Setting<unknown>][]

export function configCommand(io: Io): Command {
  return new Command('config')
    .description(
      'print every setting: its value and where that comes from, its bounds, its meaning',
    )
    .option('--json', 'as JSON')
    .option('--markdown', 'as the page docs/settings.md, with the defaults only')
    .option('--settings <file>', 'JSON file of settings by name')
    .action((options: { json?: boolean; markdown?: boolean; settings?: string }) => {
      if (options.markdown === true) {
        io.stdout.write(settingsPage())
        return
      }
      const read = readConfig({ flags: {}, env: io.env, file: options.settings })
      io.stdout.write(options.json === true ? asJson(read) : asText(read))
    })
}

const intro = `# Settings

Every setting has a flag, an environment variable and a name for a JSON file given with
\`--settings FILE\` (the flag in camel case: \`usersMax\` for \`--users-max\`). A flag wins over the
environment, the environment over the file, and the file over the default. Wrong or unknown
settings are all reported at once, before anything is connected, with exit code 78.
\`neupr-worker config\` prints the values in effect and where each one comes from.

<!-- Generated: node dist/bin/main.js config --markdown > docs/settings.md -->
`

/** The page docs/settings.md: a table for each group. A test keeps the two equal. */
export function settingsPage(): string {
  const groups = Object.entries<Readonly<Record<string, Setting<unknown>>>>(settingGroups)
  const sections = groups.map(([heading, group]) => `\n## ${heading}\n\n${table(group)}\n`)
  return intro + sections.join('')
}

function table(group: Readonly<Record<string, Setting<unknown>>>): string {
  const lines = ['| flag | environment | default | bounds | meaning |', '|---|---|---|---|---|']
  for (const [name, row] of Object.entries(group)) {
    const bounds = `${row.bounds}${row.unit === '' ? '' : ` ${row.unit}`}`.replaceAll('|', '\\|')
    const given = row.secret ? '' : String(row.default)
    const cells = [`\`${flagOf(name)}\``, `\`${row.env}\``, given === '' ? '–' : `\`${given}\``]
    lines.push(`| ${[...cells, bounds, row.help.replaceAll('|', '\\|')].join(' | ')} |`)
  }
  return lines.join('\n')
}

function shown(row: Setting<unknown>, value: unknown): unknown {
  return row.secret && value !== '' ? '[redacted]' : value
}

function asJson({ config, origins }: ReadConfig): string {
  const values = config as Readonly<Record<string, unknown>>
  const all = rows.map(([name, row]) => ({
    name,
    env: row.env,
    value: shown(row, values[name]),
    origin: origins[name],
    default: shown(row, row.default),
    unit: row.unit,
    bounds: row.bounds,
    meaning: row.help,
  }))
  return `${JSON.stringify(all, null, 2)}\n`
}

function asText({ config, origins }: ReadConfig): string {
  const values = config as Readonly<Record<string, unknown>>
  return rows
    .map(([name, row]) => {
      const origin = origins[name] === 'default' ? '' : `  (from ${origins[name]})`
      const bounds = `${row.bounds} ${row.unit}`.trim()
      return `${name} = ${String(shown(row, values[name]))}${origin}\n    ${row.env}  [${bounds}]\n    ${row.help}\n`
    })
    .join('')
}
