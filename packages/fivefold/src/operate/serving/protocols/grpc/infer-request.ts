import { FivefoldError } from '../../../../core/index.ts'
import type { ElementType, TensorLiteral } from '../../../../onnx/index.ts'
import { readBinaryTensor } from '../open-inference/binary-tensors.ts'
import { elementTypeOfDatatype } from '../open-inference/tensor-types.ts'
import { MessageReader } from './message-reader.ts'
import { readContents } from './typed-contents.ts'

/** inference.ModelInferRequest */
export interface InferRequest {
  /** Empty for the server's only or default model. */
  readonly model: string
  readonly version: string
  readonly id: string
  /** By name, in the order of the request. */
  readonly inputs: readonly (readonly [string, TensorLiteral])[]
  /** Names; empty for all outputs. */
  readonly outputs: readonly string[]
  /** Whether tensors came as raw bytes, so that they go as such. */
  readonly isRaw: boolean
}

interface InputHead {
  readonly name: string
  readonly type: ElementType
  readonly shape: readonly number[]
  readonly contents?: Buffer
}

/** More tensors than any model has. */
const MOST_TENSORS = 10_000
const MOST_DIMENSIONS = 32
const LARGEST_SIZE = 2 ** 31 - 1

/** @throws REQUEST_INVALID */
export function readInferRequest(bytes: Buffer): InferRequest {
  const texts = ['', '', '', '']
  const heads: InputHead[] = []
  const outputs: string[] = []
  const raw: Buffer[] = []
  const reader = new MessageReader(bytes)
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field <= 3) texts[field] = reader.text()
    else if (field === 5) addTo(heads, readInput(reader.bytes()))
    else if (field === 6) addTo(outputs, readOutputName(reader.bytes()))
    else if (field === 7) addTo(raw, reader.bytes())
    else reader.skip()
  }
  const isRaw = raw.length > 0
  if (isRaw && raw.length !== heads.length) throw invalid(`${raw.length} raw_input_contents for ${heads.length} inputs`)
  refuseTwice(
    heads.map(({ name }) => name),
    'input',
  )
  refuseTwice(outputs, 'output')
  const [, model = '', version = '', id = ''] = texts
  return { model, version, id, outputs, isRaw, inputs: heads.map((head, i) => tensorOf(head, raw[i])) }
}

function addTo<T>(list: T[], item: T): void {
  if (list.push(item) > MOST_TENSORS) throw invalid(`more than ${MOST_TENSORS} tensors`)
}

function readInput(bytes: Buffer): InputHead {
  const texts = ['', '', '']
  const shape: number[] = []
  let contents: Buffer | undefined
  const reader = new MessageReader(bytes)
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field <= 2) texts[field] = reader.text()
    else if (field === 3) reader.varints((low, high) => shape.push(sizeOf(low, high, shape.length)))
    else if (field === 5) contents = reader.bytes()
    else reader.skip()
  }
  const [, name = '', datatype = ''] = texts
  const type = elementTypeOfDatatype(datatype)
  if (type === undefined) throw invalid(`input '${name}': datatype '${datatype.slice(0, 40)}' is not known`)
  return { name, type, shape, ...(contents && { contents }) }
}

function sizeOf(low: number, high: number, rank: number): number {
  if (rank >= MOST_DIMENSIONS) throw invalid(`a shape has more than ${MOST_DIMENSIONS} dimensions`)
  if (high === 0 && low <= LARGEST_SIZE) return low
  throw invalid('a shape has a dimension that is negative or too large')
}

function readOutputName(bytes: Buffer): string {
  let name = ''
  const reader = new MessageReader(bytes)
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) name = reader.text()
    else reader.skip()
  }
  return name
}

function tensorOf({ name, type, shape, contents }: InputHead, raw: Buffer | undefined): [string, TensorLiteral] {
  if (raw && contents) throw invalid(`input '${name}' has both contents and raw_input_contents`)
  const tensor = raw
    ? readBinaryTensor(raw, type, shape, name)
    : readContents(contents ?? Buffer.alloc(0), type, shape, name)
  return [name, tensor]
}

function refuseTwice(names: readonly string[], what: string): void {
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name)) throw invalid(`${what} '${name}' is given twice`)
    seen.add(name)
  }
}

const invalid = (message: string): FivefoldError => new FivefoldError('REQUEST_INVALID', message)
