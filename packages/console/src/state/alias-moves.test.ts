import { expect, test } from 'vitest'
import type { RegisteredModel } from '../client/records.ts'
import { type AliasMove, aliasMoves, moveTag, plainTags, previousVersion } from './alias-moves.ts'

const moves: AliasMove[] = [
  { timeMs: 1000, alias: 'champion', from: undefined, to: '1', reason: 'first' },
  { timeMs: 2000, alias: 'champion', from: '1', to: '3', reason: 'better recall' },
]
const tags = {
  team: 'risk',
  'fivefold.aliasMove.broken': 'no json',
  ...Object.fromEntries(moves.map(moveTag).map(({ key, value }) => [key, value])),
}
const model: RegisteredModel = {
  name: 'churn',
  createdMs: 0,
  updatedMs: 0,
  description: '',
  tags,
  aliases: [{ alias: 'champion', version: '3' }],
  latestVersion: '3',
}

test('moves come back from the tags, newest first', () => {
  expect(aliasMoves(tags)).toEqual([moves[1], moves[0]])
})

test('tags that keep moves are not shown as tags', () => {
  expect(plainTags(tags)).toEqual({ team: 'risk' })
})

test('an alias rolls back to where it came from', () => {
  expect(previousVersion(model, 'champion')).toBe('1')
  expect(previousVersion({ ...model, aliases: [{ alias: 'champion', version: '1' }] }, 'champion')).toBeUndefined()
  expect(previousVersion(model, 'shadow')).toBeUndefined()
})
