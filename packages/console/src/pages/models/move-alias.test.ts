import { expect, test } from 'vitest'
import type { ConsoleClient } from '../../client/console-client.ts'
import { moveAlias } from './move-alias.ts'

const move = { timeMs: 5, alias: 'champion', from: '1', to: '2', reason: 'better' }

function recordingClient(failing?: 'setModelTag' | 'setAlias') {
  const calls: string[] = []
  const method =
    (name: string) =>
    async (...args: string[]) => {
      calls.push([name, ...args.slice(0, 3)].join(' '))
      if (name === failing) throw new Error('refused')
    }
  const client = Object.fromEntries(
    ['setModelTag', 'deleteModelTag', 'setAlias', 'deleteAlias'].map((name) => [name, method(name)]),
  ) as unknown as ConsoleClient
  return { client, calls }
}

test('the reason is kept before the alias moves', async () => {
  const { client, calls } = recordingClient()
  await moveAlias(client, 'churn', move)
  expect(calls[0]).toMatch(/^setModelTag churn fivefold\.aliasMove\.0+5\.champion .*better/)
  expect(calls[1]).toBe('setAlias churn champion 2')
})

test('an alias that goes nowhere is taken away', async () => {
  const { client, calls } = recordingClient()
  await moveAlias(client, 'churn', { ...move, to: undefined })
  expect(calls[1]).toBe('deleteAlias churn champion')
})

test('a move that fails leaves no record', async () => {
  const { client, calls } = recordingClient('setAlias')
  await expect(moveAlias(client, 'churn', move)).rejects.toThrow('refused')
  expect(calls[2]).toMatch(/^deleteModelTag churn fivefold\.aliasMove/)
})

test('nothing moves where the reason cannot be kept', async () => {
  const { client, calls } = recordingClient('setModelTag')
  await expect(moveAlias(client, 'churn', move)).rejects.toThrow('refused')
  expect(calls).toHaveLength(1)
})
