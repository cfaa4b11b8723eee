// The files that a path or a pattern names: `*` and `?` within a name, `**` over folders. Sorted by
// code unit, so that a run reads them in the same order everywhere.

import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, normalize, resolve } from 'node:path'
import { Failure } from '../../errors.ts'

/** @throws Failure SOURCE_UNREADABLE when nothing is there. */
export function filesOf(input: string): string[] {
  const found = existsSync(input) ? [normalize(input)] : expand(input)
  const files = found.filter((path) => !statSync(path).isDirectory())
  if (files.length > 0) return files
  throw new Failure('SOURCE_UNREADABLE', whyNone(input, found.length > 0))
}

function whyNone(input: string, isFolder: boolean): string {
  if (isFolder) return `${input} is a folder: name its files, as in ${join(input, '*')}`
  if (/[*?]/.test(input)) return `no file matches ${input}`
  const whole = resolve(input)
  return `there is no file ${input}${whole === input ? '' : `: looked for ${whole}`}`
}

function expand(input: string): string[] {
  if (!/[*?]/.test(input)) return []
  const parts = normalize(input).split('/')
  let paths = [parts[0] === '' ? '/' : '']
  for (const part of parts.filter((one) => one !== '')) {
    paths = paths.flatMap((path) => step(path, part))
  }
  return [...new Set(paths)].sort()
}

function step(path: string, part: string): string[] {
  if (part === '**') return [path, ...entries(path, true).filter(isFolder)]
  if (!/[*?]/.test(part)) return [join(path, part)].filter((next) => existsSync(next))
  const source = part
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll(/\*+/g, '.*')
    .replaceAll('?', '.')
  const pattern = new RegExp(`^${source}$`, 'u')
  return entries(path, false).filter((next) => {
    const name = next.slice(next.lastIndexOf('/') + 1)
    return pattern.test(name) && (part.startsWith('.') || !name.startsWith('.'))
  })
}

function entries(path: string, recursive: boolean): string[] {
  const folder = path === '' ? '.' : path
  if (!isFolder(folder)) return []
  return readdirSync(folder, { recursive, encoding: 'utf8' }).map((name) => join(path, name))
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
