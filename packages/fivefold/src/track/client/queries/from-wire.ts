import type { Experiment } from '../../experiments/experiments.ts'
import type { MetricPoint, Run, RunStatus } from '../../runs/run.ts'

interface WirePair {
  readonly key: string
  readonly value: string
}
export interface WireMetric {
  readonly key: string
  readonly value: number | string
  readonly timestamp: number | string
  readonly step?: number | string
}
export interface WireExperiment {
  readonly experiment_id: string
  readonly name: string
  readonly artifact_location: string
  readonly lifecycle_stage: 'active' | 'deleted'
  readonly creation_time?: number | string
  readonly last_update_time?: number | string
  readonly tags?: readonly WirePair[]
}
interface WireDataset {
  readonly name: string
  readonly digest: string
  readonly source_type: string
  readonly source: string
  readonly schema?: string
  readonly profile?: string
}
export interface WireRun {
  readonly info: {
    readonly run_id: string
    readonly run_name?: string
    readonly experiment_id: string
    readonly user_id?: string
    readonly status: string
    readonly lifecycle_stage: 'active' | 'deleted'
    readonly start_time: number | string
    readonly end_time?: number | string
    readonly artifact_uri: string
  }
  readonly data: {
    readonly metrics?: readonly WireMetric[]
    readonly params?: readonly WirePair[]
    readonly tags?: readonly WirePair[]
  }
  readonly inputs?: {
    readonly dataset_inputs?: readonly { readonly tags?: readonly WirePair[]; readonly dataset: WireDataset }[]
    readonly model_inputs?: readonly { readonly model_id: string }[]
  }
  readonly outputs?: {
    readonly model_outputs?: readonly { readonly model_id: string; readonly step?: number | string }[]
  }
}

/** As the server sends it; a run on the wire does not name its experiment. */
export type RemoteRun = Omit<Run, 'experiment'>

const toRecord = (pairs: readonly WirePair[] = []): Record<string, string> =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, value]))

export const toExperiment = (wire: WireExperiment): Experiment => ({
  id: wire.experiment_id,
  name: wire.name,
  artifactLocation: wire.artifact_location,
  lifecycle: wire.lifecycle_stage,
  createdMs: Number(wire.creation_time ?? 0),
  updatedMs: Number(wire.last_update_time ?? 0),
  tags: toRecord(wire.tags),
})

export const toMetricPoint = ({ key, value, timestamp, step = 0 }: WireMetric): MetricPoint => ({
  key,
  value: Number(value),
  timestampMs: Number(timestamp),
  step: Number(step),
})

const toDataset = ({
  source_type: sourceType,
  ...fields
}: WireDataset): Run['inputs']['datasets'][number]['dataset'] => ({
  ...fields,
  sourceType,
})

export function toRun({ info, data, inputs, outputs }: WireRun): RemoteRun {
  return {
    id: info.run_id,
    name: info.run_name ?? '',
    experimentId: info.experiment_id,
    user: info.user_id ?? '',
    status: info.status.toLowerCase() as RunStatus,
    lifecycle: info.lifecycle_stage,
    startedMs: Number(info.start_time),
    endedMs: info.end_time === undefined ? null : Number(info.end_time),
    artifactUri: info.artifact_uri,
    params: toRecord(data.params),
    tags: toRecord(data.tags),
    metrics: Object.fromEntries((data.metrics ?? []).map((metric) => [metric.key, toMetricPoint(metric)])),
    inputs: {
      datasets: (inputs?.dataset_inputs ?? []).map(({ tags, dataset }) => ({
        tags: toRecord(tags),
        dataset: toDataset(dataset),
      })),
      modelIds: (inputs?.model_inputs ?? []).map((model) => model.model_id),
    },
    outputs: (outputs?.model_outputs ?? []).map(({ model_id, step = 0 }) => ({
      modelId: model_id,
      step: Number(step),
    })),
  }
}

export interface WireVersion {
  readonly name: string
  readonly version: string
  readonly source?: string
  readonly run_id?: string
  readonly description?: string
  readonly status?: string
  readonly creation_timestamp?: number | string
  readonly tags?: readonly WirePair[]
  readonly aliases?: readonly string[]
}
export interface WireModel {
  readonly name: string
  readonly description?: string
  readonly tags?: readonly WirePair[]
  readonly aliases?: readonly { readonly alias: string; readonly version: string }[]
}

export interface RemoteModelVersion {
  readonly name: string
  readonly version: number
  readonly source: string
  readonly runId: string | null
  readonly description: string
  readonly createdMs: number
  readonly tags: Readonly<Record<string, string>>
  /** Empty in answers of searches, which do not carry them on every server. */
  readonly aliases: readonly string[]
}

export interface RemoteModel {
  readonly name: string
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
  readonly aliases: Readonly<Record<string, number>>
}

export const toVersion = (wire: WireVersion): RemoteModelVersion => ({
  name: wire.name,
  version: Number(wire.version),
  source: wire.source ?? '',
  runId: wire.run_id || null,
  description: wire.description ?? '',
  createdMs: Number(wire.creation_timestamp ?? 0),
  tags: toRecord(wire.tags),
  aliases: wire.aliases ?? [],
})

export const toModel = (wire: WireModel): RemoteModel => ({
  name: wire.name,
  description: wire.description ?? '',
  tags: toRecord(wire.tags),
  aliases: Object.fromEntries((wire.aliases ?? []).map(({ alias, version }) => [alias, Number(version)])),
})
