import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Bundle, openBundle } from '../../bundle/index.ts'
import { FivefoldError, version as fivefoldVersion } from '../../core/index.ts'
import type { ServedColumn } from '../serving/index.ts'
import { exampleRow } from '../serving/tables/example-row.ts'
import type { Architecture, DeployedModel, DeployPlan } from './deploy-plan.ts'

/** What can be chosen; the rest follows from the bundle. */
export interface DeployOptions {
  /** Folder of the bundle. */
  readonly bundle: string
  /** Version of the model that names and labels show. Default '1'. */
  readonly version?: string
  /** Name of the service. Default: the model's name as a DNS label. */
  readonly name?: string
  /** 1024 to 65535: ports below need rights that the service does without. Default 8080. */
  readonly port?: number
  /** Image with its tag. Default `<name>:<version>-<digest of the model>`. */
  readonly image?: string
  /** How many instances run at least. Default 2. */
  readonly replicas?: number
  /** Cores for each instance, such as '1', '0.5' or '500m'. Default '1'. */
  readonly cpu?: string
  /** Memory for each instance, such as '512Mi' or '1Gi'. Default '1Gi'. */
  readonly memory?: string
  /** Processor of an archive that holds native code. Default x64. */
  readonly architecture?: Architecture
  /** Where the platform fetches the bundle from. Default `s3://models/<name>/<version>`. */
  readonly storageUri?: string
  /** A packed tarball of Fivefold to install in place of the release of the npm registry. */
  readonly package?: string
}

/** @throws OPTION_INVALID, MODEL_NOT_FOUND, BUNDLE_INVALID */
export async function planDeployment(options: DeployOptions): Promise<DeployPlan> {
  const { version = '1', replicas = 2, cpu = '1', memory = '1Gi', architecture = 'x64' } = options
  const model = describeModel(await openBundle(options.bundle), requireVersion(version))
  const name = requireName(options.name ?? labelOf(model.name))
  return {
    name,
    image: requireImage(options.image ?? `${name}:${version}-${model.digest.slice(0, 12)}`),
    port: requireWhole('port', options.port ?? 8080, 1024, 65_535),
    replicas: requireWhole('replicas', replicas, 1, 1000),
    cpuMillis: parseCpu(cpu),
    memoryMib: parseMemory(memory),
    architecture,
    storageUri: requireUri(options.storageUri ?? `s3://models/${name}/${version}`),
    model,
    source: {
      version: fivefoldVersion,
      ...(options.package !== undefined && { tarball: requireTarball(options.package) }),
    },
    packages: [],
  }
}

function describeModel({ path, manifest }: Bundle, version: string): DeployedModel {
  const { name, problem, files } = manifest
  const columns: ServedColumn[] = manifest.inputs.map(
    ({ name, type, tensor, nullable, meaning, range, categories }) => ({
      ...{ name, type, tensor, nullable },
      ...(meaning !== undefined && { meaning }),
      ...(range !== undefined && { range }),
      ...(categories !== undefined && { categories }),
    }),
  )
  return {
    name,
    title: name.replace(/[^\p{L}\p{N}._-]+/gu, ' ').trim() || 'model',
    version,
    digest: files['model.onnx']!,
    task: problem.task,
    target: problem.target,
    columns,
    exampleRow: exampleRow({ columns, output: { task: 'regression', target: problem.target } }),
    path,
  }
}

/** A DNS label that begins with a letter (RFC 1035), short enough for the names that platforms derive from it. */
const NAME = /^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/

function labelOf(modelName: string): string {
  const words = modelName
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
  return words.slice(0, 40).replace(/-+$/, '') || 'model'
}

function requireName(name: string): string {
  if (NAME.test(name)) return name
  throw invalid('name', name, 'lower-case letters, digits and hyphens, at most 40, beginning with a letter')
}

function requireVersion(version: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,40}$/.test(version)) return version
  throw invalid('version', version, 'letters, digits, hyphens, dots and underscores')
}

/** As the reference of an image: registry with port, path, tag or digest. Whatever could end a line or a quote is no part of it. */
const IMAGE =
  /^(?:[a-zA-Z0-9.-]+(?::\d+)?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/

function requireImage(image: string): string {
  if (image.length <= 400 && IMAGE.test(image)) return image
  throw invalid('image', image, 'an image such as registry.example.com/team/model:3')
}

function requireUri(uri: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\/[A-Za-z0-9._~/@:%-]+$/.test(uri)) return uri
  throw invalid('storageUri', uri, 'a URI such as s3://bucket/model')
}

function requireTarball(path: string): string {
  if (path.endsWith('.tgz') && existsSync(path)) return resolve(path)
  throw invalid('package', path, 'the path of a tarball that `npm pack` made')
}

function requireWhole(option: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw invalid(option, String(value), `a whole number from ${min} to ${max}`)
}

/** Cores as Kubernetes writes them, in thousandths. */
function parseCpu(text: string): number {
  const match = /^(\d{1,4}(?:\.\d{1,3})?)(m?)$/.exec(text)
  const millis = match ? Math.round(Number(match[1]) * (match[2] ? 1 : 1000)) : 0
  if (millis >= 50 && millis <= 256_000) return millis
  throw invalid('cpu', text, "cores from 50m to 256, such as '1', '0.5' or '500m'")
}

function parseMemory(text: string): number {
  const match = /^(\d{1,6}(?:\.\d{1,3})?)(Mi|Gi)$/.exec(text)
  const mebibytes = match ? Math.round(Number(match[1]) * (match[2] === 'Gi' ? 1024 : 1)) : 0
  if (mebibytes >= 192 && mebibytes <= 2_097_152) return mebibytes
  throw invalid('memory', text, "at least 192Mi, such as '512Mi' or '1Gi'")
}

function invalid(option: string, value: string, expected: string): FivefoldError {
  return new FivefoldError('OPTION_INVALID', `${option} '${value.slice(0, 100)}' is not accepted`, {
    remedy: `Give ${expected}.`,
  })
}
