/** Absolute folders of a run. */
export interface RunPaths {
  /** Where relative paths of the config start. */
  readonly folder: string
  /** Bundle, reports and `run.json`. */
  readonly out: string
  /** Runs, registry, data versions, cached stages. */
  readonly store: string
}
