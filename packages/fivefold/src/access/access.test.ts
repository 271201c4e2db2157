import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  allows,
  checkTokenName,
  createToken,
  credentialsOf,
  hashToken,
  isFromElsewhere,
  SERVING_SCOPES,
} from './index.ts'

const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`

describe('credentials', () => {
  it('are a bearer token, or the password of any user', () => {
    const token = createToken()
    expect(credentialsOf(`Bearer ${token}`)).toEqual({ kind: 'bearer', token })
    expect(credentialsOf(`bearer   ${token}`)).toEqual({ kind: 'bearer', token })
    expect(credentialsOf(basic(`anna:${token}`))).toEqual({ kind: 'basic', token })
    expect(credentialsOf(basic('a:b:c'))).toEqual({ kind: 'basic', token: 'b:c' })
  })

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer a b',
    'Token abc',
    ' Bearer abc',
    'Bearer é',
    `Bearer ${'x'.repeat(3000)}`,
  ])('are none: %s', (header) => expect(credentialsOf(header)).toBeUndefined())

  it('are read out of any header without failing', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.base64String().map((text) => `Basic ${text}`),
        ),
        (header) => {
          const found = credentialsOf(header)
          if (found) expect(typeof found.token).toBe('string')
        },
      ),
    )
  })
})

describe('scopes', () => {
  it('allow what those before them do, and nothing that is not among them', () => {
    expect(
      SERVING_SCOPES.map((held) => SERVING_SCOPES.filter((needed) => allows(SERVING_SCOPES, held, needed))),
    ).toEqual([['observe'], ['observe', 'predict'], ['observe', 'predict', 'admin']])
    expect(allows<string & 'admin'>(['admin'], 'admin', 'other' as never)).toBe(false)
    expect(allows<string & 'admin'>(['admin'], 'other' as never, 'admin')).toBe(false)
    expect(allows<string & 'admin'>(['admin'], 'other' as never, 'other' as never)).toBe(false)
  })
})

describe('tokens', () => {
  it('are random, and named so that they can be told apart in a terminal', () => {
    expect(createToken()).not.toBe(createToken())
    expect(hashToken('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    for (const name of ['web', 'a.b-c_d@e']) expect(() => checkTokenName(name)).not.toThrow()
    for (const name of ['', 'a b', 'a/b', '\u001b[0m', 'x'.repeat(101)]) expect(() => checkTokenName(name)).toThrow()
  })
})

describe('pages of another origin', () => {
  it.each([
    [{}, false],
    [{ 'sec-fetch-site': 'same-origin', origin: 'http://a:1', host: 'a:1' }, false],
    [{ 'sec-fetch-site': 'cross-site' }, true],
    [{ 'sec-fetch-site': 'same-site' }, true],
    [{ origin: 'http://evil.example', host: 'a:1' }, true],
    [{ origin: 'null', host: 'a:1' }, true],
  ])('%o: %s', (headers, expected) => expect(isFromElsewhere(headers)).toBe(expected))
})
