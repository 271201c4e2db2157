import { createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { FivefoldError, writeFileAtomic } from '../../../core/index.ts'
import { type JobRecord, jobRecordSchema } from './job-record.ts'

/** Jobs on disk: a folder each, with a record, the file that was sent, and the file of answers. */
export interface JobFolder {
  /** Oldest first. Takes away what was being sent when a server died. */
  records(): Promise<JobRecord[]>
  save(record: JobRecord): Promise<void>
  /** Writes what is sent beside the other jobs. @throws REQUEST_TOO_LARGE, STORAGE_FULL */
  receive(id: string, body: Readable): Promise<void>
  inputPath(id: string): string
  resultPath(record: Pick<JobRecord, 'id' | 'output'>): string
  /** @throws STORAGE_FULL where the files of all jobs take more than they may */
  requireSpace(): Promise<void>
  removeInput(id: string): Promise<void>
  removeResult(record: Pick<JobRecord, 'id' | 'output'>): Promise<void>
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
  const inputPath = (id: string): string => join(folderOf(id), 'input')
  const resultPath: JobFolder['resultPath'] = ({ id, output }) => join(folderOf(id), `result.${output}`)
  const arriving = { bytes: 0 }
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
      await Promise.all(names.map((name) => removeUnfinishedUpload(join(dir, name))))
      const records = await Promise.all(names.map((name) => readRecord(join(dir, name, 'job.json'))))
      return records.filter((record) => record !== undefined).sort((a, b) => a.createdMs - b.createdMs)
    },
    save: (record) => writeFileAtomic(join(folderOf(record.id), 'job.json'), JSON.stringify(record)),
    async receive(id, body) {
      const free = diskBytes - (await bytes())
      await mkdir(folderOf(id), { recursive: true })
      try {
        await pipeline(body, bounded({ uploadBytes, free, arriving }), createWriteStream(inputPath(id)))
      } catch (thrown) {
        await rm(folderOf(id), { recursive: true, force: true })
        throw thrown
      }
    },
    inputPath,
    resultPath,
    async requireSpace() {
      if ((await bytes()) > diskBytes) throw noSpace()
    },
    removeInput: (id) => rm(inputPath(id), { force: true }),
    removeResult: (record) => rm(resultPath(record), { force: true }),
    remove: (id) => rm(folderOf(id), { recursive: true, force: true }),
  }
}

/** A job has its record as soon as its file is whole. */
async function removeUnfinishedUpload(folder: string): Promise<void> {
  const files = await readdir(folder).catch(() => [])
  if (files.length === 1 && files[0] === 'input') await rm(folder, { recursive: true, force: true })
}

/** Undefined for what is no job of ours, or of another release: it stays where it is. */
async function readRecord(path: string): Promise<JobRecord | undefined> {
  try {
    return jobRecordSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return undefined
  }
}

interface Bounds {
  readonly uploadBytes: number
  /** What the disk had room for when this upload began. */
  readonly free: number
  /** What has come meanwhile, of all uploads that are under way together. */
  readonly arriving: { bytes: number }
}

/** Lets bytes through up to a number. */
function bounded({ uploadBytes, free, arriving }: Bounds): Transform {
  let own = 0
  const before = arriving.bytes
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      own += chunk.length
      arriving.bytes += chunk.length
      if (own > uploadBytes) done(new FivefoldError('REQUEST_TOO_LARGE', `the file has more than ${uploadBytes} bytes`))
      else if (arriving.bytes - before > free) done(noSpace())
      else done(null, chunk)
    },
  })
}

/** What files of jobs take together is bounded, so that the disk stays for others. */
export const noSpace = (): FivefoldError =>
  new FivefoldError('STORAGE_FULL', 'files of jobs take all the space that they may', {
    remedy: 'Fetch and delete the jobs that are done, or send a smaller file.',
  })
