// `neupr-worker config`: every setting with its name, variable, value, unit, bounds and meaning.

import { Command } from 'commander'
import { type ReadConfig, readConfig } from '../config.ts'
import { settings } from '../settings/all.ts'
import type { Setting } from '../settings/setting.ts'
import type { Io } from '../worker/io.ts'
import { kebab } from './settings-flags.ts'

const rows = Object.entries(settings) as [string, Setting<unknown>][]

export function configCommand(io: Io): Command {
  return new Command('config')
    .description(
      'print every setting: its value and where that comes from, its bounds, its meaning',
    )
    .option('--json', 'as JSON')
    .option('--markdown', 'as the table of the README, with the defaults only')
    .option('--settings <file>', 'JSON file of settings by name')
    .action((options: { json?: boolean; markdown?: boolean; settings?: string }) => {
      if (options.markdown === true) {
        io.stdout.write(`${settingsTable()}\n`)
        return
      }
      const read = readConfig({ flags: {}, env: io.env, file: options.settings })
      io.stdout.write(options.json === true ? asJson(read) : asText(read))
    })
}

/** The Markdown table that the README holds; a test keeps the two equal. */
export function settingsTable(): string {
  const lines = ['| flag | environment | default | bounds | meaning |', '|---|---|---|---|---|']
  for (const [name, row] of rows) {
    const bounds = `${row.bounds}${row.unit === '' ? '' : ` ${row.unit}`}`.replaceAll('|', '\\|')
    const given = row.secret ? '' : String(row.default)
    const cells = [`\`--${kebab(name)}\``, `\`${row.env}\``, given === '' ? '–' : `\`${given}\``]
    lines.push(`| ${[...cells, bounds, row.help].join(' | ')} |`)
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
