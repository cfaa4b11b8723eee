// The Avro schemas of what comes in and what goes out, as text, read once from the folder schemas/.
// What they mean is written in them, field by field.

import { readFileSync } from 'node:fs'
import { packageRoot } from '../places.ts'

const folder = new URL('schemas/', packageRoot)

function read(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8')
}

export const interactionSchema = read('interaction.avsc')
export const topListSchema = read('top-list.avsc')
export const deadLetterSchema = read('dead-letter.avsc')
export const itemSchema = read('item.avsc')
export const updateSchema = read('update.avsc')
