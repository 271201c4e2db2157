import type { TensorLiteral } from '../tensor.ts'

/** Attribute of a node. Numbers must say whether they are ints or floats, since ONNX does. */
export type Attribute =
  | { readonly int: number | bigint }
  | { readonly ints: readonly (number | bigint)[] }
  | { readonly float: number }
  | { readonly floats: readonly number[] | Float32Array }
  | { readonly string: string }
  | { readonly strings: readonly string[] }
  | { readonly tensor: TensorLiteral }

export type Attributes = Readonly<Record<string, Attribute>>

export function intAttribute<Default>(attributes: Attributes, name: string, absent: Default): number | Default {
  const attribute = attributes[name]
  return attribute !== undefined && 'int' in attribute ? Number(attribute.int) : absent
}

export function intsAttribute<Default>(attributes: Attributes, name: string, absent: Default): number[] | Default {
  const attribute = attributes[name]
  return attribute !== undefined && 'ints' in attribute ? attribute.ints.map(Number) : absent
}

export function floatAttribute<Default>(attributes: Attributes, name: string, absent: Default): number | Default {
  const attribute = attributes[name]
  return attribute !== undefined && 'float' in attribute ? attribute.float : absent
}

export function stringAttribute<Default>(attributes: Attributes, name: string, absent: Default): string | Default {
  const attribute = attributes[name]
  return attribute !== undefined && 'string' in attribute ? attribute.string : absent
}
