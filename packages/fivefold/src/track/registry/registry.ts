import type { MetricValues } from '../../metrics/index.ts'
import type { Page, SearchQuery } from '../search/page.ts'

export type ModelStage = 'None' | 'Staging' | 'Production' | 'Archived'

export const MODEL_STAGES: readonly ModelStage[] = ['None', 'Staging', 'Production', 'Archived']

export interface ModelVersion {
  readonly name: string
  /** Counts from 1 for each name and is never given twice. */
  readonly version: number
  /**
   * The store's own copy of the bundle, which `resolveModel` fetches where artifacts lie in S3. '' where a client uploaded the
   * files and `resolveModel` has not joined them yet.
   */
  readonly bundlePath: string
  readonly runId: string | null
  readonly metrics: MetricValues
  readonly createdMs: number
  readonly updatedMs: number
  readonly aliases: readonly string[]
  readonly tags: Readonly<Record<string, string>>
  readonly stage: ModelStage
  readonly description: string | null
  readonly user: string | null
  /** URI that the version was made from. */
  readonly source: string
  /** URI that its files can be read from. */
  readonly downloadUri: string
  readonly runLink: string | null
  /** The logged model that it was made from. */
  readonly modelId: string | null
}

export interface RegisteredModel {
  readonly name: string
  readonly createdMs: number
  readonly updatedMs: number
  readonly description: string | null
  readonly tags: Readonly<Record<string, string>>
  readonly aliases: Readonly<Record<string, number>>
  /** Newest first. */
  readonly versions: readonly ModelVersion[]
}

export interface NewRegisteredModel {
  readonly name: string
  readonly description?: string
  readonly tags?: Readonly<Record<string, string>>
}

export interface NewModelVersion {
  /** Of a model that exists. */
  readonly name: string
  readonly source: string
  readonly runId?: string
  readonly runLink?: string
  readonly description?: string
  readonly modelId?: string
  readonly user?: string
  readonly tags?: Readonly<Record<string, string>>
}

/** A change of the registry: who moved what, and when. */
export interface AuditEntry {
  readonly timestampMs: number
  readonly action:
    | 'registerModel'
    | 'createModel'
    | 'renameModel'
    | 'deleteModel'
    | 'deleteVersion'
    | 'setStage'
    | 'setAlias'
    | 'deleteAlias'
  readonly model: string
  readonly details: Readonly<Record<string, string | number | null>>
}

export interface ModelRegistry {
  /** Copies the bundle into the store as the next version of the model. */
  registerModel(
    name: string,
    bundlePath: string,
    details?: { readonly runId?: string; readonly metrics?: MetricValues },
  ): Promise<ModelVersion>
  /**
   * `name@alias` or `name/version`; `name@latest` is the newest version. Its files are on disk afterwards. Throws MODEL_NOT_FOUND,
   * ARTIFACT_NOT_FOUND, ARTIFACT_DAMAGED.
   */
  resolveModel(reference: string): Promise<ModelVersion>
  /** By name. */
  listModels(): Promise<RegisteredModel[]>
  /** Points an alias to a version, wherever it pointed before. Throws MODEL_NOT_FOUND, OPTION_INVALID. */
  setAlias(name: string, alias: string, version: number): Promise<void>
  /** Throws MODEL_NOT_FOUND where the alias does not exist. */
  deleteAlias(name: string, alias: string): Promise<void>
  /** Oldest first. */
  auditTrail(model?: string): Promise<AuditEntry[]>

  /** A name without versions. Throws STORE_CONFLICT where it is taken. */
  createModel(model: NewRegisteredModel): Promise<RegisteredModel>
  /** Throws MODEL_NOT_FOUND. */
  getModel(name: string): Promise<RegisteredModel>
  renameModel(name: string, newName: string): Promise<void>
  describeModel(name: string, description: string): Promise<void>
  deleteModel(name: string): Promise<void>
  setModelTag(name: string, key: string, value: string): Promise<void>
  deleteModelTag(name: string, key: string): Promise<void>
  searchModels(query: SearchQuery): Promise<Page<RegisteredModel>>

  createModelVersion(version: NewModelVersion): Promise<ModelVersion>
  /** Throws MODEL_NOT_FOUND. */
  getModelVersion(name: string, version: number): Promise<ModelVersion>
  describeModelVersion(name: string, version: number, description: string): Promise<void>
  deleteModelVersion(name: string, version: number): Promise<void>
  /** `archiveOthers` moves the versions that are in that stage to Archived. */
  setStage(name: string, version: number, stage: ModelStage, archiveOthers?: boolean): Promise<void>
  setVersionTag(name: string, version: number, key: string, value: string): Promise<void>
  deleteVersionTag(name: string, version: number, key: string): Promise<void>
  searchModelVersions(query: SearchQuery): Promise<Page<ModelVersion>>
}
