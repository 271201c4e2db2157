import { createWriteStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Context, FivefoldError, writeFolderAtomic } from '../../core/index.ts'
import { pathOfUri, type Run, type TrackingStore } from '../../track/index.ts'
import { type ConsoleFile, readConsoleFiles } from '../../web-console/index.ts'
import { toWireExperiment, toWireMetric, toWireRun, toWireVersion } from '../tracking/to-wire.ts'

export interface ExportRunOptions {
  readonly store: TrackingStore
  readonly runId: string
  /** Made anew; what was there before is replaced once everything is written. */
  readonly folder: string
  readonly context: Context
}

const MOST_POINTS = 2000
const MOST_CHILDREN = 1000
const MOST_TEXT_BYTES = 200_000
/** What the console shows as text; it cannot read files beside a page that is opened from disk. */
const TEXTS = new Set(['.csv', '.tsv', '.json', '.md', '.txt', '.log', '.yaml', '.yml', '.toml', '.py', '.ts', ''])

/**
 * Writes a run as a folder of static files: the console with the run in it, and its artifacts. `index.html` opens from disk or
 * from any web server, and asks nobody for anything.
 *
 * @throws RUN_NOT_FOUND, ARTIFACT_NOT_FOUND where the console is not built, CANCELLED
 */
export async function exportRun({ store, runId, folder, context }: ExportRunOptions): Promise<void> {
  const files = await readConsoleFiles()
  const page = files.find(({ url }) => url === '/')
  if (!page) throw new FivefoldError('ARTIFACT_NOT_FOUND', 'the console is not built: run `npm run build`')
  const run = await store.getRun(runId)
  await writeFolderAtomic(folder, async (temporary) => {
    const artifacts = await copyArtifacts(store, run, join(temporary, 'artifacts'), context)
    const record = { ...(await describeRun(store, run)), ...artifacts }
    await writeFile(join(temporary, 'index.html'), withRecord(page.content.toString('utf8'), record))
    for (const file of files) if (file !== page) await writeAsset(temporary, file)
  })
}

async function writeAsset(folder: string, { url, content }: ConsoleFile): Promise<void> {
  const path = join(folder, url)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
}

/** JSON in a block that browsers do not run; no text in it can end the block. */
function withRecord(html: string, record: object): string {
  const json = JSON.stringify(record).replaceAll('<', '\\u003c')
  const block = `<script type="application/json" id="fivefold-run">${json}</script>`
  return html.replace('</body>', () => `${block}\n</body>`)
}

/** The run in the words of MLflow's API, in the form that the console's static client reads. */
async function describeRun(store: TrackingStore, run: Run): Promise<object> {
  const metrics: Record<string, object[]> = {}
  for (const key of Object.keys(run.metrics))
    metrics[key] = (await store.sampleMetric(run.id, key, { limit: MOST_POINTS })).map(toWireMetric)
  const children = await store.searchRuns({
    experimentIds: [run.experimentId],
    filter: `tags.\`mlflow.parentRunId\` = '${run.id}'`,
    limit: MOST_CHILDREN,
  })
  const versions = await store.searchModelVersions({ filter: `run_id = '${run.id}'` })
  return {
    format: 1,
    experiment: toWireExperiment(await store.getExperiment(run.experimentId)),
    run: toWireRun(run),
    children: children.items.map(toWireRun),
    metrics,
    versions: versions.items.map(toWireVersion),
  }
}

interface CopiedArtifacts {
  readonly files: { path: string; file_size: number }[]
  readonly texts: Record<string, string>
}

/** Artifacts that lie outside the store stay where they are. */
async function copyArtifacts(
  store: TrackingStore,
  run: Run,
  folder: string,
  context: Context,
): Promise<CopiedArtifacts> {
  const copied: CopiedArtifacts = { files: [], texts: {} }
  const root = pathOfUri(run.artifactUri)
  if (root === undefined) return copied
  const copyFolder = async (path: string): Promise<void> => {
    for (const entry of await store.listArtifactFolder([root, path].filter(Boolean).join('/'))) {
      if (context.signal.aborted)
        throw new FivefoldError('CANCELLED', 'the export was interrupted', { cause: context.signal.reason })
      const own = path === '' ? entry.name : `${path}/${entry.name}`
      if (entry.isFolder) await copyFolder(own)
      else await copyFile(store, `${root}/${own}`, own, folder, copied)
    }
  }
  await copyFolder('')
  return copied
}

async function copyFile(
  store: TrackingStore,
  source: string,
  path: string,
  folder: string,
  copied: CopiedArtifacts,
): Promise<void> {
  const { sizeBytes, stream } = await store.openArtifact(source)
  const target = join(folder, path)
  await mkdir(dirname(target), { recursive: true })
  await pipeline(stream(), createWriteStream(target, { flags: 'wx' }))
  copied.files.push({ path, file_size: sizeBytes })
  if (sizeBytes <= MOST_TEXT_BYTES && TEXTS.has(extname(path).toLowerCase()))
    copied.texts[path] = Buffer.concat(await stream().toArray()).toString('utf8')
}
