/** The IR version that came with each opset (ONNX Versioning.md); older readers may refuse a model that names a newer one. */
const IR_VERSIONS: readonly (readonly [opset: number, irVersion: number])[] = [
  [28, 14],
  [25, 13],
  [24, 12],
  [23, 11],
  [21, 10],
  [19, 9],
  [15, 8],
]

/** The lowest IR version that may hold a model of this opset. */
export const irVersionOf = (opset: number): number => IR_VERSIONS.find(([from]) => opset >= from)?.[1] ?? 7
