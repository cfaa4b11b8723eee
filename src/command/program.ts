// The command line: every command by its name, each loaded only where it is asked for.

import { Command } from 'commander'
import type { Config } from '../config.ts'
import { type Io, programVersion } from '../io.ts'
import type { Logger } from '../ports/logger.ts'

/** What commands take of the process. */
export interface Surroundings {
  readonly io: Io
  readonly loggerFor: (config: Config) => Logger
  /** For commands that tell what happens without a setting of how much. */
  readonly withLogger: Io & { readonly logger: Logger; readonly exit: (code: number) => void }
}

/** In the order in which --help lists them. */
const commands: Readonly<Record<string, (given: Surroundings) => Promise<Command>>> = {
  run: async (given) => (await import('./run.ts')).runCommand(given.io, given.loggerFor),
  pretrain: async (given) =>
    (await import('./pretrain.ts')).pretrainCommand(given.io, given.loggerFor),
  rebuild: async (given) =>
    (await import('./rebuild.ts')).rebuildCommand(given.io, given.loggerFor),
  demo: async (given) => (await import('./demo.ts')).demoCommand(given.io, given.loggerFor),
  recommend: async ({ io }) => (await import('./recommend.ts')).recommendCommand(io),
  similar: async ({ io }) => (await import('./similar.ts')).similarCommand(io),
  inspect: async ({ io }) => (await import('./inspect.ts')).inspectCommand(io),
  size: async ({ io }) => (await import('./size.ts')).sizeCommand(io),
  world: async ({ io }) => (await import('./world.ts')).worldCommand(io),
  export: async ({ io }) => (await import('./export.ts')).exportCommand(io),
  evaluate: async ({ io }) => (await import('./evaluate.ts')).evaluateCommand(io),
  prequential: async ({ io }) => (await import('./prequential.ts')).prequentialCommand(io),
  tune: async ({ io }) => (await import('./tune.ts')).tuneCommand(io),
  study: async ({ io }) => (await import('./study.ts')).studyCommand(io),
  config: async ({ io }) => (await import('./config.ts')).configCommand(io),
  preview: async ({ withLogger }) => (await import('./preview.ts')).previewCommand(withLogger),
  topics: async ({ withLogger }) => (await import('./topics.ts')).topicsCommand(withLogger),
  produce: async ({ withLogger }) => (await import('./produce.ts')).produceCommand(withLogger),
  tail: async ({ withLogger }) => (await import('./tail.ts')).tailCommand(withLogger),
  dlq: async ({ withLogger }) => (await import('./dlq.ts')).dlqCommand(withLogger),
  doctor: async ({ withLogger }) => (await import('./doctor.ts')).doctorCommand(withLogger),
}

/** The program with the command `asked`; with all of them where it is none (help, a mistyped name). */
export async function createProgram(given: Surroundings, asked = ''): Promise<Command> {
  const program = new Command('neupr-worker')
    .description(
      'A streaming recommender worker: interaction events in, freshly learned top-K lists out',
    )
    .version(programVersion(), '-v, --version', 'print the version')
  if (asked === '--version' || asked === '-v') return program
  const wanted = Object.hasOwn(commands, asked) ? [asked] : Object.keys(commands)
  for (const name of wanted) program.addCommand(await commands[name]!(given))
  return program
}
