// The TypeScript files of a checkout and what each imports: read as text, so that any version can be looked at.
// The kernel's AssemblyScript counts as well; it names files without an extension.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'

export interface Tree {
  /** Paths below the root, as `src/app.ts`, sorted. */
  readonly files: readonly string[]
  textOf(file: string): string
  /** Those that the file imports, or starts as a thread. */
  importsOf(file: string): readonly string[]
}

export function readTree(root: string): Tree {
  const texts = new Map<string, string>()
  const textOf = (file: string): string => {
    const text = texts.get(file) ?? readFileSync(join(root, file), 'utf8')
    texts.set(file, text)
    return text
  }
  const exists = (file: string): boolean => existsSync(join(root, file))
  const importsOf = (file: string): string[] => {
    const named = [...textOf(file).matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)]
    const threads = [...textOf(file).matchAll(/new URL\('(\.{1,2}\/[^']+)\.js'/g)]
    const paths = named.map(([, path = '']) => normalize(join(dirname(file), path)))
    const started = threads.map(([, path]) => normalize(join(dirname(file), `${path}.ts`)))
    return [...paths.map((path) => resolved(path, exists)), ...started.filter(exists)]
  }
  const files = ['src', 'test'].flatMap((folder) => walk(root, folder))
  return { files, textOf, importsOf }
}

function resolved(path: string, exists: (file: string) => boolean): string {
  if (path.endsWith('.ts')) return path
  return exists(`${path}.ts`) ? `${path}.ts` : `${path}/index.ts`
}

function walk(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort()
}

/** All that can be reached from the entries, these included. */
export function reached(tree: Tree, entries: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>()
  const queue = [...entries]
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (seen.has(file)) continue
    seen.add(file)
    queue.push(...tree.importsOf(file))
  }
  return seen
}

/** Files that import themselves through others, one line for each circle. */
export function circles(tree: Tree): string[] {
  const state = new Map<string, 'open' | 'done'>()
  const found: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return
    if (state.get(file) === 'open') {
      found.push([...path.slice(path.indexOf(file)), file].join(' → '))
      return
    }
    state.set(file, 'open')
    for (const target of tree.importsOf(file)) visit(target, [...path, file])
    state.set(file, 'done')
  }
  for (const file of tree.files) visit(file, [])
  return found
}

/** Folders with more than `most` files that lie flat in them, as `src/command: 26`. */
export function crowded(tree: Tree, most: number): string[] {
  const counts = new Map<string, number>()
  for (const file of tree.files) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1)
  const over = [...counts].filter(([, count]) => count > most)
  return over.map(([folder, count]) => `${folder}: ${count}`).sort()
}
