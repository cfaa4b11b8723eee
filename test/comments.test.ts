// Comments name files and functions; after a move or a renaming they would lie. What they name has to exist.

import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { packageRoot } from './servers/versions.ts'
import { readTree } from './shape/tree.ts'

const { files, textOf } = readTree(packageRoot)
const comment = /^\s*(?:\/\/|\/?\*(?=[\s*/]|$))(.*)$/
const named = {
  /** `learn/part.ts`, `schemas/item.avsc`; not what is built, nor `library.js`. */
  file: /(?<![\w./-])(?!dist\/)[\w-]+(?:\/[\w.-]+)*\.(?:ts|avsc)\b/g,
  /** `weigh()`, `Network.step()` */
  call: /\b(?:\w+\.)?([A-Za-z]\w+)\(\)/g,
}

test('a comment names files that there are', () => {
  const known = [...files, ...filesIn('schemas')]
  const faults = each(named.file).filter(({ name }) => {
    return !known.some((path) => path === name || path.endsWith(`/${name}`))
  })
  assert.deepEqual(faults, [])
})

test('a comment names functions that there are', () => {
  const code = files.map((file) => codeOf(textOf(file))).join('\n')
  const words = new Set(code.match(/\w+/g))
  assert.deepEqual(
    each(named.call).filter(({ name }) => !words.has(name)),
    [],
  )
})

test('a file and a function that are not there would be found', () => {
  const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([all]) => all)
  assert.deepEqual(found('see learn/gone.ts and gone.ts.', named.file), [
    'learn/gone.ts',
    'gone.ts',
  ])
  assert.deepEqual(found('node dist/test/bench/run.js', named.file), [])
  assert.deepEqual(found('as Network.gone() and gone() do', named.call), [
    'Network.gone()',
    'gone()',
  ])
})

function each(pattern: RegExp): { readonly at: string; readonly name: string }[] {
  return files.flatMap((file) =>
    textOf(file)
      .split('\n')
      .flatMap((line, k) => {
        const [, text = ''] = comment.exec(line) ?? []
        return [...text.matchAll(pattern)].map(([all, own = all]) => ({
          at: `${file}:${k + 1}`,
          name: own,
        }))
      }),
  )
}

function codeOf(text: string): string {
  return text
    .split('\n')
    .filter((line) => !comment.test(line))
    .join('\n')
}

function filesIn(folder: string): string[] {
  assert.ok(existsSync(join(packageRoot, folder)))
  return readdirSync(join(packageRoot, folder)).map((name) => `${folder}/${name}`)
}
