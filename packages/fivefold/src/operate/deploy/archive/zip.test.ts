import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { zipArchive } from './zip.ts'

/** Reads an archive by its directory, as APPNOTE 4.3.12 has it. */
function readArchive(archive: Uint8Array): [string, Uint8Array][] {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength)
  const end = archive.length - 22
  const files: [string, Uint8Array][] = []
  let at = view.getUint32(end + 16, true)
  for (let i = 0; i < view.getUint16(end + 10, true); i++) {
    const nameLength = view.getUint16(at + 28, true)
    const name = new TextDecoder().decode(archive.subarray(at + 46, at + 46 + nameLength))
    const local = view.getUint32(at + 42, true)
    const start = local + 30 + view.getUint16(local + 26, true)
    files.push([name, new Uint8Array(inflateRawSync(archive.subarray(start, start + view.getUint32(at + 20, true))))])
    at += 46 + nameLength
  }
  return files
}

const hasUnzip = ((): boolean => {
  try {
    execFileSync('unzip', ['-v'], { stdio: 'ignore' })
    return true
  } catch {
    console.log('skipped: Info-ZIP reads the archive, since unzip is not installed')
    return false
  }
})()

describe('zipArchive', () => {
  it('gives back what went in', () => {
    const entry = fc.record({
      path: fc.stringMatching(/^[a-zäöü]{1,12}(\/[a-z]{1,5})?\.js$/),
      content: fc.uint8Array({ maxLength: 400 }),
    })
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 6 }), (entries) => {
        expect(readArchive(zipArchive(entries))).toEqual(entries.map(({ path, content }) => [path, content]))
      }),
    )
  })

  it.skipIf(!hasUnzip)('is read by Info-ZIP, checksums, names and permissions included', () => {
    const folder = mkdtempSync(join(tmpdir(), 'fivefold-zip-'))
    try {
      const content = new TextEncoder().encode('#!/bin/sh\n'.repeat(1000))
      const archive = zipArchive([
        { path: 'bin/start', content, isExecutable: true },
        { path: 'näme.txt', content: new Uint8Array() },
      ])
      writeFileSync(join(folder, 'a.zip'), archive)
      execFileSync('unzip', ['-q', 'a.zip'], { cwd: folder, env: { ...process.env, LC_ALL: 'C.UTF-8' } })
      expect(new Uint8Array(readFileSync(join(folder, 'bin/start')))).toEqual(content)
      expect(statSync(join(folder, 'bin/start')).mode & 0o777).toBe(0o755)
      expect(statSync(join(folder, 'näme.txt')).size).toBe(0)
      expect(archive.length).toBeLessThan(content.length / 10)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('refuses more files than the format counts', () => {
    const content = new Uint8Array()
    const entries = Array.from({ length: 65_536 }, (_, i) => ({ path: String(i), content }))
    expect(() => zipArchive(entries)).toThrow(/65536 files/)
  })
})
