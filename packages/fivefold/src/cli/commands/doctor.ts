import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import { availableParallelism, freemem, tmpdir } from 'node:os'
import { join } from 'node:path'
import { version } from '../../core/index.ts'
import { printJson, printLine } from '../output.ts'

interface Check {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
}

/** Tries everything that the other commands stand on, and says what is missing. Exit code 1 where something is. */
export async function doctorCommand(flags: { json?: boolean }): Promise<void> {
  const checks = await Promise.all(CHECKS.map(([name, run]) => attempt(name, run)))
  if (!checks.every((check) => check.ok)) process.exitCode = 1
  if (flags.json) return printJson({ fivefold: version, ok: checks.every((check) => check.ok), checks })
  for (const { ok, name, detail } of checks) printLine(`${ok ? 'ok  ' : 'FAIL'} ${name}: ${detail}`)
}

async function attempt(name: string, run: () => Promise<string>): Promise<Check> {
  try {
    return { name, ok: true, detail: await run() }
  } catch (error) {
    return { name, ok: false, detail: error instanceof Error ? error.message : String(error) }
  }
}

const CHECKS: readonly (readonly [string, () => Promise<string>])[] = [
  ['node', nodeVersion],
  ['reading data (DuckDB)', duckDbAnswers],
  ['running models (ONNX Runtime)', onnxRuntimeLoads],
  ['tracking store (SQLite)', sqliteAnswers],
  ['training kernels (WebAssembly SIMD and threads)', kernelsTrain],
  ['memory', async () => `${gibibytes(freemem())} free, ${availableParallelism()} threads`],
  ['disk', diskWrites],
]

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`

async function nodeVersion(): Promise<string> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19))
    throw new Error(`Node ${process.version} is too old: 20.19 or newer is needed`)
  return process.version
}

async function duckDbAnswers(): Promise<string> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const reader = await connection.runAndReadAll('select version()')
  connection.closeSync()
  return String(reader.getRows()[0]?.[0])
}

async function onnxRuntimeLoads(): Promise<string> {
  const runtime = await import('onnxruntime-node')
  return `${runtime.env.versions.node ?? 'loaded'}, providers: ${runtime
    .listSupportedBackends()
    .map((backend) => backend.name)
    .join(', ')}`
}

async function sqliteAnswers(): Promise<string> {
  const { default: Database } = await import('libsql')
  const database = new Database(':memory:')
  try {
    const row = database.prepare('select sqlite_version() as version').get() as { version: string }
    return row.version
  } finally {
    database.close()
  }
}

/** A real, tiny training run: worker, shared memory, kernels. */
async function kernelsTrain(): Promise<string> {
  const { trainBoosting } = await import('../../engines/boosting/index.ts')
  const { allocateFeature } = await import('../../data/index.ts')
  const { createContext } = await import('../../core/index.ts')
  const rowCount = 64
  const feature = allocateFeature(rowCount).map((_, row) => row)
  const values = allocateFeature(rowCount)
  values.set(feature)
  const target = { kind: 'number', values: Float64Array.from(values, (value) => (value > 20 ? 1 : 0)) } as const
  const model = await trainBoosting(
    { features: { rowCount, names: ['x'], values: [values] }, target },
    { rounds: 2, minLeafRows: 2 },
    createContext({ threads: 2 }),
  )
  return `trained ${model.bestRound} rounds`
}

async function diskWrites(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fivefold-doctor-'))
  try {
    await writeFile(join(folder, 'probe'), 'x')
    const { bavail, bsize } = await statfs(folder)
    return `${gibibytes(bavail * bsize)} free in ${tmpdir()}`
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
