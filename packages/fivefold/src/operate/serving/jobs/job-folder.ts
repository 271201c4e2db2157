import { createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { FivefoldError, writeFileAtomic } from '../../../core/index.ts'
import { type JobRecord, jobRecordSchema } from './job-record.ts'

/** Jobs on disk: a folder each, with a record, the file that was sent, and the file of answers. */
export interface JobFolder {
  records(): Promise<JobRecord[]>
  save(record: JobRecord): Promise<void>
  /** Writes what is sent beside the other jobs. @throws REQUEST_TOO_LARGE, STORAGE_FULL */
  receive(id: string, body: Readable): Promise<void>
  inputPath(record: Pick<JobRecord, 'id' | 'input'>): string
  resultPath(record: Pick<JobRecord, 'id' | 'output'>): string
  /** Of all jobs together. */
  bytes(): Promise<number>
  removeInput(id: string): Promise<void>
  remove(id: string): Promise<void>
}

export interface JobSpace {
  /** Most bytes of one upload. */
  readonly uploadBytes: number
  /** Most bytes of all jobs together. */
  readonly diskBytes: number
}

export function openJobFolder(dir: string, { uploadBytes, diskBytes }: JobSpace): JobFolder {
  const folderOf = (id: string): string => join(dir, id)
  const inputPath: JobFolder['inputPath'] = ({ id }) => join(folderOf(id), 'input')
  const bytes = async (): Promise<number> => {
    const found = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => [])
    const sizes = await Promise.all(
      found
        .filter((entry) => entry.isFile())
        .map(async ({ parentPath, name }) => (await stat(join(parentPath, name)).catch(() => undefined))?.size ?? 0),
    )
    return sizes.reduce((sum, size) => sum + size, 0)
  }
  return {
    async records() {
      const names = await readdir(dir).catch(() => [])
      const records = await Promise.all(names.map((name) => readRecord(join(dir, name, 'job.json'))))
      return records.filter((record) => record !== undefined).sort((a, b) => a.createdMs - b.createdMs)
    },
    save: (record) => writeFileAtomic(join(folderOf(record.id), 'job.json'), JSON.stringify(record)),
    async receive(id, body) {
      const free = diskBytes - (await bytes())
      await mkdir(folderOf(id), { recursive: true })
      try {
        await pipeline(body, bounded(uploadBytes, free), createWriteStream(inputPath({ id, input: 'csv' })))
      } catch (thrown) {
        await rm(folderOf(id), { recursive: true, force: true })
        throw thrown
      }
    },
    inputPath,
    resultPath: ({ id, output }) => join(folderOf(id), `result.${output}`),
    bytes,
    removeInput: (id) => rm(inputPath({ id, input: 'csv' }), { force: true }),
    remove: (id) => rm(folderOf(id), { recursive: true, force: true }),
  }
}

/** Undefined for what is no job of ours, or of another release: it stays where it is. */
async function readRecord(path: string): Promise<JobRecord | undefined> {
  try {
    return jobRecordSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return undefined
  }
}

/** Lets bytes through up to a number. */
function bounded(mostBytes: number, freeBytes: number): Transform {
  let bytes = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes > mostBytes) done(new FivefoldError('REQUEST_TOO_LARGE', `the file has more than ${mostBytes} bytes`))
      else if (bytes > freeBytes)
        done(new FivefoldError('STORAGE_FULL', 'files of jobs take all the space that they may'))
      else done(null, chunk)
    },
  })
}
