// What `pretrain` did and what to do with it: for programs and for people.

import type { Config } from '../../config.ts'
import { settings } from '../../settings/all.ts'
import { flagOf } from '../../settings/setting.ts'
import { modelSettingNames } from '../../trainer/loop/state.ts'
import { grouped, type Quality, type Summary } from '../../worker/summary.ts'

export interface PretrainSummary {
  /** After the log was read once. */
  readonly first: Summary
  /** Records that were no events, by reason. */
  readonly unused: Readonly<Record<string, number>>
  /** The paper's network: the epoch that was kept. */
  readonly kept: number | undefined
  readonly passes: number
  readonly seconds: number
  readonly checkpoints: string
  readonly generation: number
  readonly bytes: number
}

export function pretrainText(summary: PretrainSummary, config: Config): string {
  const { first, unused, kept, passes, seconds, checkpoints, generation, bytes } = summary
  const reasons = Object.entries(unused).map(([why, n]) => `${why} ${grouped(n)}`)
  const quality = first.prequential.last30.model as Quality
  const learned =
    kept === undefined
      ? [
          `  ${predictedText(first)}: HR@10 ${ratioText(quality)} over`,
          `  the last 30 %; then ${passes} ${passes === 1 ? 'pass' : 'passes'} of replays.`,
        ]
      : [
          "  The network was trained to convergence; judged by each user's newest event,",
          `  epoch ${kept} is kept.`,
        ]
  return [
    '',
    `  ${grouped(first.events)} events of ${grouped(first.users)} users on ${grouped(first.items)} items, ` +
      `in ${seconds.toFixed(1)} s`,
    ...(reasons.length === 0 ? [] : [`  Of no use: ${reasons.join(', ')}`]),
    ...learned,
    `  Checkpoint ${generation}, ${(bytes / 2 ** 20).toFixed(1)} MiB. To go live from it:`,
    '',
    `    neupr-worker run ${flagsOf(config)}\\`,
    '      --source kafka:TOPIC --sink kafka:TOPIC \\',
    `      --checkpoints ${checkpoints}`,
    '',
    '',
  ].join('\n')
}

/** The settings that shape the model and are not the default: `run` needs the same. */
function flagsOf(config: Config): string {
  return modelSettingNames(config)
    .filter((name) => String(config[name]) !== String(settings[name].default))
    .map((name) => `${flagOf(name)} ${String(config[name])} `)
    .join('')
}

function ratioText({ hr10 }: Quality): string {
  return hr10 === null ? 'not measured yet' : hr10.toFixed(3)
}

function predictedText({ measured }: Summary): string {
  return measured === undefined
    ? 'Every event was predicted before it was learned'
    : `Events of ${measured} were predicted before they were learned`
}
