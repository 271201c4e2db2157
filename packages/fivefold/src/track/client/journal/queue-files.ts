import { createHash, randomUUID } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readdirSync, readSync, rmSync, statSync, writeSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { FivefoldError } from '../../../core/index.ts'
import type { QueuedFile } from './journal-entry.ts'

export interface QueuedFiles {
  readonly files: QueuedFile[]
  /** Why a file is to be sent from where it lies: the journal had no room for a copy. */
  readonly failure?: FivefoldError
}

/** Copies a file, or all files of a folder, as they are now. Throws where they cannot be read. */
export function queueFiles(copies: string, path: string): QueuedFiles {
  mkdirSync(copies, { recursive: true })
  const files: QueuedFile[] = []
  let failure: FivefoldError | undefined
  for (const { name, original } of filesAt(resolve(path))) {
    const copyName = randomUUID()
    const copy = join(copies, copyName)
    const digest = createHash('sha256')
    const target: { fd: number | undefined } = { fd: failure ? undefined : openSync(copy, 'wx') }
    let sizeBytes = 0
    for (const piece of piecesOf(original)) {
      digest.update(piece)
      sizeBytes += piece.length
      if (target.fd === undefined) continue
      try {
        for (let done = 0; done < piece.length; ) done += writeSync(target.fd, piece, done)
      } catch (thrown) {
        failure = FivefoldError.from(thrown, 'STORE_UNAVAILABLE')
        closeSync(target.fd)
        target.fd = undefined
        rmSync(copy, { force: true })
      }
    }
    const isCopied = target.fd !== undefined
    if (target.fd !== undefined) closeSync(target.fd)
    files.push({ name, original, sha256: digest.digest('hex'), sizeBytes, ...(isCopied && { copy: copyName }) })
  }
  return { files, ...(failure && { failure }) }
}

function* filesAt(root: string): Iterable<{ name: string; original: string }> {
  if (!statSync(root).isDirectory()) {
    yield { name: '', original: root }
    return
  }
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  for (const entry of entries) {
    const original = join(entry.parentPath, entry.name)
    yield { name: original.slice(root.length + 1).replaceAll('\\', '/'), original }
  }
}

function* piecesOf(path: string): Iterable<Buffer> {
  const fd = openSync(path, 'r')
  try {
    const buffer = Buffer.allocUnsafe(2 ** 20)
    for (let length = readSync(fd, buffer); length > 0; length = readSync(fd, buffer)) yield buffer.subarray(0, length)
  } finally {
    closeSync(fd)
  }
}
