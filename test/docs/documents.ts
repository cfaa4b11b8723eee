// The documents as tests read them: pages, links, anchors, blocks of code, and the snippets that are run.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../servers/versions.ts'

export interface Page {
  /** From the package's root. */
  readonly path: string
  readonly text: string
}

/** Every Markdown page that people read. */
export function pages(): Page[] {
  const docs = readdirSync(join(packageRoot, 'docs')).filter((name) => name.endsWith('.md'))
  const roots = readdirSync(packageRoot).filter((name) => name.endsWith('.md'))
  const paths = [...roots, ...docs.map((name) => `docs/${name}`), 'deploy/README.md']
  return paths.map((path) => ({ path, text: readFileSync(join(packageRoot, path), 'utf8') }))
}

export function page(path: string): Page {
  const found = pages().find((one) => one.path === path)
  assert.ok(found !== undefined, path)
  return found
}

/** Blocks of code of one language, without the fences. */
export function blocks({ text }: Page, language: string): string[] {
  const all = [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
  return all.filter(([, of]) => of === language).map(([, , code = '']) => code)
}

/** The block of code behind `<!-- snippet: NAME -->`, on whichever page that is. */
export function snippet(name: string): string {
  const mark = new RegExp(`<!-- snippet: ${name} -->\\n\`\`\`\\w+\\n([\\s\\S]*?)^\`\`\`$`, 'm')
  const found = pages().flatMap(({ text }) => mark.exec(text)?.[1] ?? [])
  assert.equal(found.length, 1, `there are ${found.length} snippets named ${name}`)
  return found[0]!
}

/** Replaces every one of the texts, each of which must be there. */
export function withReal(code: string, real: Readonly<Record<string, string>>): string {
  return Object.entries(real).reduce((text, [said, is]) => {
    assert.ok(text.includes(said), `the snippet does not say ${said}`)
    return text.replaceAll(said, is)
  }, code)
}

/** Prose and tables without blocks of code. */
export function withoutCode(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```$/gm, '')
}

export interface Link {
  readonly path: string
  readonly anchor: string
}

/** Links to other files of the package and to headings; not those to the web. */
export function linksOf({ text }: Page): Link[] {
  const targets = [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, to = '']) => to)
  return targets
    .filter((to) => !/^[a-z]+:/.test(to))
    .map((to) => {
      const [path = '', anchor = ''] = to.split('#')
      return { path, anchor }
    })
}

/** The anchors that GitHub gives to the headings. */
export function anchorsOf(text: string): string[] {
  const given = new Map<string, number>()
  return [...withoutCode(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
    const plain = heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    const anchor = plain.trim().replaceAll(' ', '-')
    const times = given.get(anchor) ?? 0
    given.set(anchor, times + 1)
    return times === 0 ? anchor : `${anchor}-${times}`
  })
}
