// What was decided of a source, as flags that decide it whatever comes later.

import { actionsFlag, type Reading } from '../../consume/mapping/detect/reading.ts'
import type { MappingSettings } from '../../consume/mapping/spec/spec.ts'

const told = ['s', 'ms', 'us', 'ns']

export function flagsFor(reading: Reading | undefined, settings: MappingSettings): string {
  if (reading === undefined) return ''
  if (reading.refusal !== undefined) return reading.refusal.flag
  const { columns, unit } = reading
  const flags: string[] = []
  const pairs = Object.entries(columns).filter(
    ([role]) => role !== 'rating' || settings.ratingMin !== 'any',
  )
  if (settings.shape !== 'none') flags.push(`--shape ${settings.shape}`)
  else if (pairs.length > 0) {
    flags.push(`--columns '${pairs.map(([role, path]) => `${role}=${path}`).join(',')}'`)
  }
  if (told.includes(unit)) flags.push(`--time-unit ${unit}`)
  const names = Object.keys(reading.actions).filter((name) => name !== 'none')
  const own = names.every((name) => name === 'ADD' || name === 'REMOVE')
  if (settings.actions !== '') flags.push(`--actions '${settings.actions}'`)
  else if (!own && settings.shape === 'none') flags.push(actionsFlag(names.slice(0, 8)))
  if (settings.measureActions !== '') flags.push(`--measure-actions '${settings.measureActions}'`)
  if (settings.ratingMin !== 'any') flags.push(`--rating-min ${settings.ratingMin}`)
  return flags.join(' ')
}
