import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CATEGORY_STATUS, ERROR_CODES, type ErrorCode, FivefoldError } from './index.ts'

const documented = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8')
const rows = documented
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()))

describe('the error registry', () => {
  it('stands in the documentation, entry for entry', () => {
    const expected = Object.entries(ERROR_CODES).map(([code, { category, meaning, remedy }]) => [
      `\`${code}\``,
      category,
      meaning,
      remedy,
    ])
    expect(rows.map((cells) => cells.slice(1, 5))).toEqual(expected)
  })

  it('gives each code the statuses of its category', () => {
    for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
      const error = new FivefoldError(code, 'message')
      const { exitCode, httpStatus, grpcStatus } = CATEGORY_STATUS[error.category]
      expect([error.exitCode, error.httpStatus, error.grpcStatus]).toEqual([exitCode, httpStatus, grpcStatus])
    }
  })
})

describe('FivefoldError.from', () => {
  it('keeps its own errors as they are', () => {
    const error = new FivefoldError('DATA_EMPTY', 'no rows in data.csv')
    expect(FivefoldError.from(error)).toBe(error)
  })

  it('names the system errors that users can do something about', () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    expect(FivefoldError.from(full).code).toBe('STORAGE_FULL')
    expect(FivefoldError.from(full).cause).toBe(full)
  })

  it('takes an abort for a cancellation, and anything else for the fallback', () => {
    expect(FivefoldError.from(new DOMException('stopped', 'AbortError')).code).toBe('CANCELLED')
    expect(FivefoldError.from('odd').code).toBe('INTERNAL')
    expect(FivefoldError.from(new Error('odd'), 'DATA_UNREADABLE').code).toBe('DATA_UNREADABLE')
  })
})
