// The flags of `evaluate`: what they change, and that all faults are reported at once.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluate, quick, tsv } from './running.ts'

test('wrong flags are reported all at once', async () => {
  const flags = [
    '--model',
    'best',
    '--factors',
    '8,x',
    '--rate',
    '0',
    '--protocol',
    'ncf',
    '--alpha',
    '2',
  ]
  await assert.rejects(evaluate('--data', tsv, ...flags), (error: Error & { code: string }) => {
    assert.equal(error.code, 'SETTINGS_INVALID')
    for (const part of [
      'model names best',
      'factors is x',
      'rate is 0',
      'needs --negatives',
      'alpha is 2',
    ]) {
      assert.ok(error.message.includes(part), `${part} in ${error.message}`)
    }
    return true
  })
})

test('a history is read and learned as the flags say; those that do not fit are refused', async () => {
  const base = ['--data', tsv, '--model', 'nbpr', ...quick, '--json']
  const lossBy = async (...flags: string[]) => {
    const { err } = await evaluate(...base, ...flags)
    return /"epoch":2.*"loss":([\d.]+)/.exec(err)?.[1]
  }
  const usual = await lossBy()
  const newest = await lossBy('--blocks', 'short:1:1')
  const dropped = await lossBy('--dropout', '0,0.5,0')
  const decayed = await lossBy('--decay', '1')
  const drawn = await lossBy('--learning', 'draws', '--blocks', 'long:50,short:5:.5,time:9:3600')
  const losses = [usual, newest, dropped, decayed, drawn]
  assert.ok(losses.every((loss) => Number(loss) > 0))
  assert.equal(new Set(losses).size, losses.length, `${losses}`)
  const wrong = ['--blocks', 'long:0,short:5,time:3:60:1', '--dropout', '1,.2', '--decay', 'x']
  await assert.rejects(evaluate(...base, ...wrong), (error: Error) => {
    for (const part of ['long:0', 'short:5', 'time:3:60:1', 'three shares', 'decay is x']) {
      assert.ok(error.message.includes(part), `${part} in ${error.message}`)
    }
    return true
  })
})
