import type { ServedColumn } from '../serving/index.ts'
import type { CopiedFile } from './deploy-file.ts'

/** What is deployed, where all names, sizes and paths are decided. Targets are functions of it. */
export interface DeployPlan {
  /** Name of the service: a DNS label, fit for every platform. */
  readonly name: string
  /** Image with its tag. */
  readonly image: string
  readonly port: number
  /** How many instances run at least, where the platform runs several. */
  readonly replicas: number
  /** Thousandths of a core, for each instance. */
  readonly cpuMillis: number
  /** Mebibytes, for each instance. */
  readonly memoryMib: number
  readonly architecture: Architecture
  /** Where the platform fetches the bundle from, for platforms that fetch it. */
  readonly storageUri: string
  readonly model: DeployedModel
  /** What npm installs. */
  readonly source: PackageSource
  /** The production packages as files of this machine, for platforms that take a finished archive. */
  readonly packages: readonly PackagedFile[]
}

/** As Node names them. */
export type Architecture = 'x64' | 'arm64'

/** What the files say about the model. */
export interface DeployedModel {
  readonly name: string
  /** The name without whatever could end a line or a quote; for comments and descriptions. */
  readonly title: string
  readonly version: string
  /** SHA-256 of `model.onnx`, in hexadecimal. */
  readonly digest: string
  readonly task: string
  readonly target: string
  readonly columns: readonly ServedColumn[]
  /** A row that the model takes. */
  readonly exampleRow: Readonly<Record<string, unknown>>
  /** Absolute path of the bundle. */
  readonly path: string
}

/** The release of the npm registry, or a packed tarball that is copied beside the package.json. */
export interface PackageSource {
  readonly version: string
  /** Absolute path. */
  readonly tarball?: string
}

export interface PackagedFile extends CopiedFile {
  readonly sizeBytes: number
}

/** Up to here the platform can show the version by eye. */
export const shortDigest = (model: DeployedModel): string => model.digest.slice(0, 12)

/** V8's heap beside the memory of the runtime, which V8 does not see. */
export const heapMib = (plan: DeployPlan): number => Math.max(64, Math.floor(plan.memoryMib / 2))

/** As Docker and Kubernetes name the processor. */
export const containerArchitecture = ({ architecture }: DeployPlan): string =>
  architecture === 'x64' ? 'amd64' : 'arm64'
