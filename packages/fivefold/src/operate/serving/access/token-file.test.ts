import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createContext, type Logger, silentLogger } from '../../../core/index.ts'
import { openAdmission } from './open-admission.ts'
import { openTokenFile, readTokens } from './token-file.ts'

let folder = ''
let path = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fivefold-tokens-'))
  path = join(folder, 'tokens.json')
})
afterEach(() => rm(folder, { recursive: true }))

describe('a file of tokens', () => {
  it('holds hashes alone, and finds whose token it is', async () => {
    const file = openTokenFile(path)
    const [web, ops] = [await file.addToken('web', 'predict', '10/s'), await file.addToken('ops', 'admin', 'none')]
    const text = await readFile(path, 'utf8')
    expect(text).not.toContain(web.slice(3))
    expect(text).not.toContain(ops.slice(3))
    expect((await file.listTokens()).map(({ name, scope }) => [name, scope])).toEqual([
      ['ops', 'admin'],
      ['web', 'predict'],
    ])
    const find = await readTokens(path)
    expect(find(web)).toMatchObject({ name: 'web', scope: 'predict', rateLimit: { count: 10, perMs: 1000 } })
    expect(find(ops)).toMatchObject({ name: 'ops', rateLimit: null })
    for (const wrong of ['', web.slice(0, -1), `${web}x`, text.match(/[0-9a-f]{64}/)![0]])
      expect(find(wrong)).toBeUndefined()
  })

  it('gives each name one token, and takes it back', async () => {
    const file = openTokenFile(path)
    const token = await file.addToken('web', 'predict')
    await expect(file.addToken('web', 'admin')).rejects.toMatchObject({ code: 'STORE_CONFLICT' })
    await expect(file.addToken('a b', 'admin')).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    await expect(file.addToken('fast', 'predict', '1/day')).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    await expect(file.revokeToken('nobody')).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    await file.revokeToken('web')
    expect((await readTokens(path))(token)).toBeUndefined()
  })

  const entry = { name: 'a', scope: 'predict', sha256: '0'.repeat(64), createdMs: 1 }
  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['a list', '[]'],
    ['a token in clear', JSON.stringify({ tokens: [{ ...entry, sha256: 'ff_secret' }] })],
    ['a scope of another server', JSON.stringify({ tokens: [{ ...entry, scope: 'write' }] })],
    ['a field that nobody knows', JSON.stringify({ tokens: [{ ...entry, scopes: [] }] })],
    ['a rate that is none', JSON.stringify({ tokens: [{ ...entry, rateLimit: 'fast' }] })],
    ['one name twice', JSON.stringify({ tokens: [entry, entry] })],
    ['more than anybody needs', JSON.stringify({ tokens: new Array(10_001).fill(entry) })],
  ])('is refused with %s in it', async (_what, text) => {
    await writeFile(path, text)
    await expect(readTokens(path)).rejects.toMatchObject({ code: 'TOKENS_INVALID' })
    await expect(openTokenFile(path).addToken('b', 'admin')).rejects.toMatchObject({ code: 'TOKENS_INVALID' })
    expect(await readFile(path, 'utf8')).toBe(text)
  })

  it('has to be there, with a token in it, before a server asks for one', async () => {
    await expect(openAdmission({ tokensFile: path }, createContext())).rejects.toMatchObject({ code: 'TOKENS_INVALID' })
    await openTokenFile(path).addToken('a', 'predict')
    await openTokenFile(path).revokeToken('a')
    await expect(openAdmission({ tokensFile: path }, createContext())).rejects.toMatchObject({ code: 'TOKENS_INVALID' })
  })
})

describe('an admission', () => {
  it('follows the file, and keeps what it had where the file is broken', async () => {
    const warnings: string[] = []
    const log: Logger = { ...silentLogger, warn: (message) => warnings.push(message) }
    const file = openTokenFile(path)
    const first = await file.addToken('first', 'predict')
    const admission = await openAdmission({ tokensFile: path }, createContext({ log }))
    const passes = async (token: string): Promise<boolean> =>
      !('error' in (await admission.judge({ authorization: `Bearer ${token}`, address: '10.0.0.1', scope: 'predict' })))
    const second = await file.addToken('second', 'predict')
    await admission.reload()
    expect([await passes(first), await passes(second)]).toEqual([true, true])

    const good = await readFile(path, 'utf8')
    await writeFile(path, good.slice(0, -20))
    await admission.reload()
    expect([await passes(first), warnings.length]).toEqual([true, 1])
    expect(warnings[0]).toMatch(/tokens cannot be read again, what was read before stays: .*no JSON/)

    await writeFile(path, good)
    await file.revokeToken('first')
    await admission.reload()
    expect([await passes(first), await passes(second)]).toEqual([false, true])
    admission.close()
  })

  it('notices a change by itself', async () => {
    const file = openTokenFile(path)
    const first = await file.addToken('first', 'predict')
    const admission = await openAdmission({ tokensFile: path }, createContext())
    await file.addToken('second', 'predict')
    await file.revokeToken('first')
    const call = { authorization: `Bearer ${first}`, address: '10.0.0.1', scope: 'predict' } as const
    while (!('error' in (await admission.judge(call)))) await new Promise((resolve) => setTimeout(resolve, 50))
    admission.close()
  }, 20_000)

  it('counts who has no token by address, also where it refuses; and health checks not at all', async () => {
    await openTokenFile(path).addToken('first', 'predict')
    const admission = await openAdmission(
      { tokensFile: path, rateLimit: { count: 2, perMs: 3_600_000 } },
      createContext(),
    )
    const judge = async (address: string, scope: 'predict' | 'none' = 'predict'): Promise<string> => {
      const verdict = await admission.judge({ authorization: 'Bearer guess', address, scope })
      return 'error' in verdict ? verdict.error.code : 'passed'
    }
    const guesses = []
    for (let i = 0; i < 4; i++) guesses.push(await judge('10.0.0.1'))
    expect(guesses).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED', 'RATE_LIMITED', 'RATE_LIMITED'])
    expect(await judge('10.0.0.2')).toBe('UNAUTHENTICATED')
    expect(await judge('10.0.0.1', 'none')).toBe('passed')
    admission.close()
  })
})
