/** A file that a target consists of, as data: nothing is read or written until the whole deployment is planned. */
export type DeployFile = TextFile | CopiedFile | ZipFile

export interface TextFile {
  readonly kind: 'text'
  /** Relative to the folder of the deployment, with forward slashes. */
  readonly path: string
  readonly text: string
  readonly isExecutable?: boolean
}

/** A file or a whole folder, as it lies elsewhere on this machine. */
export interface CopiedFile {
  readonly kind: 'copy'
  readonly path: string
  readonly from: string
}

export interface ZipFile {
  readonly kind: 'zip'
  readonly path: string
  readonly entries: readonly (TextFile | CopiedFile)[]
  /** Largest sum of the sizes of its entries that the platform takes. */
  readonly maxUnpackedBytes: number
}

export const textFile = (path: string, text: string): TextFile => ({ kind: 'text', path, text })
export const scriptFile = (path: string, text: string): TextFile => ({ kind: 'text', path, text, isExecutable: true })
export const copiedFile = (path: string, from: string): CopiedFile => ({ kind: 'copy', path, from })
/** JSON knows no comments: what there is to say about such a file stands in the runbook. */
export const jsonFile = (path: string, value: unknown): TextFile =>
  textFile(path, `${JSON.stringify(value, null, 2)}\n`)
