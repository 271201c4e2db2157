/** Answers of MLflow's REST API, as far as the console reads them. Whole numbers may come as text; empty lists are left out. */

export type WireNumber = number | string

export interface WireTag {
  readonly key: string
  readonly value?: string
}

export interface WireExperiment {
  readonly experiment_id: string
  readonly name: string
  readonly creation_time?: WireNumber
  readonly last_update_time?: WireNumber
  readonly tags?: readonly WireTag[]
}

export interface WireMetric {
  readonly key: string
  readonly value?: WireNumber
  readonly step?: WireNumber
  readonly timestamp?: WireNumber
  readonly run_id?: string
}

export interface WireDatasetInput {
  readonly dataset?: {
    readonly name?: string
    readonly digest?: string
    readonly source_type?: string
    readonly source?: string
  }
  readonly tags?: readonly WireTag[]
}

export interface WireRun {
  readonly info: {
    readonly run_id: string
    readonly run_name?: string
    readonly experiment_id: string
    readonly user_id?: string
    readonly status?: string
    readonly start_time?: WireNumber
    readonly end_time?: WireNumber
    readonly lifecycle_stage?: string
  }
  readonly data?: {
    readonly metrics?: readonly WireMetric[]
    readonly params?: readonly WireTag[]
    readonly tags?: readonly WireTag[]
  }
  readonly inputs?: { readonly dataset_inputs?: readonly WireDatasetInput[] }
}

export interface WireFile {
  readonly path: string
  readonly is_dir?: boolean
  readonly file_size?: WireNumber
}

export interface WireModelVersion {
  readonly name: string
  readonly version: WireNumber
  readonly creation_timestamp?: WireNumber
  readonly current_stage?: string
  readonly description?: string
  readonly source?: string
  readonly run_id?: string
  readonly status?: string
  readonly tags?: readonly WireTag[]
  readonly aliases?: readonly string[]
}

export interface WireRegisteredModel {
  readonly name: string
  readonly creation_timestamp?: WireNumber
  readonly last_updated_timestamp?: WireNumber
  readonly description?: string
  readonly tags?: readonly WireTag[]
  readonly aliases?: readonly { readonly alias: string; readonly version: WireNumber }[]
  readonly latest_versions?: readonly WireModelVersion[]
}

export interface WireRunCounts {
  readonly experiments: readonly { readonly experiment_id: string; readonly run_count: number }[]
}

export interface WireAudit {
  readonly entries: readonly {
    readonly timestamp: number
    readonly action: string
    readonly details: Readonly<Record<string, string | number | null>>
  }[]
}

/** `console.json` beside the page. */
export interface WireHome {
  readonly hasTracking: boolean
  /** Each with where its routes begin, seen from the page. */
  readonly servers: readonly { readonly id: string; readonly base: string }[]
}

export interface WirePage {
  readonly next_page_token?: string
}
