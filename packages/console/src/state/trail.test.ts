import { expect, test } from 'vitest'
import type { AuditEntry } from '../client/records.ts'
import type { AliasMove } from './alias-moves.ts'
import { toTrail } from './trail.ts'

const MINUTE = 60_000
const entries: AuditEntry[] = [
  { timeMs: 90 * MINUTE, action: 'deleteAlias', details: { alias: 'shadow', before: '1' } },
  { timeMs: 60 * MINUTE, action: 'setAlias', details: { alias: 'champion', version: '2', before: '1' } },
  { timeMs: 30 * MINUTE, action: 'setAlias', details: { alias: 'champion', version: '2' } },
  { timeMs: 20 * MINUTE, action: 'setStage', details: { version: '1', stage: 'Production', before: 'None' } },
  { timeMs: 15 * MINUTE, action: 'deleteVersion', details: { version: '4' } },
  { timeMs: 10 * MINUTE, action: 'registerModel', details: { version: '1' } },
  { timeMs: 5, action: 'renameModel', details: { before: 'old' } },
  { timeMs: 0, action: 'createModel', details: {} },
  { timeMs: 0, action: 'somethingNew', details: {} },
]
const moves: AliasMove[] = [
  { timeMs: 61 * MINUTE, alias: 'champion', from: '1', to: '2', reason: 'better recall' },
  { timeMs: 1, alias: 'champion', from: undefined, to: '2', reason: 'of another time' },
]

test('a record tells what happened, with the reasons of its moves', () => {
  expect(toTrail(entries, moves).map(({ timeMs: _, ...entry }) => entry)).toEqual([
    { kind: 'alias', move: { alias: 'shadow', from: '1', to: undefined, reason: '' } },
    { kind: 'alias', move: { alias: 'champion', from: '1', to: '2', reason: 'better recall' } },
    { kind: 'alias', move: { alias: 'champion', from: undefined, to: '2', reason: '' } },
    { kind: 'version', version: '1', what: 'went from None to Production' },
    { kind: 'model', what: 'lost its version 4' },
    { kind: 'version', version: '1', what: 'was registered' },
    { kind: 'model', what: 'renamed from old' },
    { kind: 'model', what: 'created' },
    { kind: 'model', what: 'somethingNew' },
  ])
})

test('where the server keeps no record, the moves are told', () => {
  expect(toTrail(undefined, moves).map(({ kind, timeMs }) => [kind, timeMs])).toEqual([
    ['alias', 61 * MINUTE],
    ['alias', 1],
  ])
})
