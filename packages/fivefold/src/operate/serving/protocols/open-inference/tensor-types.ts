import type { ElementType } from '../../../../onnx/index.ts'

/** Element types of the Open Inference Protocol, and what they are called in graphs. */
const ELEMENT_TYPES = {
  BOOL: 'bool',
  UINT8: 'uint8',
  UINT16: 'uint16',
  UINT32: 'uint32',
  UINT64: 'uint64',
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FP16: 'float16',
  FP32: 'float',
  FP64: 'double',
  BYTES: 'string',
} as const satisfies Record<string, ElementType>

export type TensorDatatype = keyof typeof ELEMENT_TYPES

export function elementTypeOfDatatype(datatype: string): ElementType | undefined {
  return Object.hasOwn(ELEMENT_TYPES, datatype) ? ELEMENT_TYPES[datatype as TensorDatatype] : undefined
}

export const DATATYPES = Object.fromEntries(
  Object.entries(ELEMENT_TYPES).map(([datatype, type]) => [type, datatype]),
) as Readonly<Record<ElementType, TensorDatatype>>
