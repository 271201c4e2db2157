import { didYouMean, FivefoldError } from '../../../core/index.ts'
import { elementCount, type TensorLiteral } from '../../../onnx/index.ts'
import type { Servable, TensorSpec, Tensors } from '../model/servable.ts'

type Model = Pick<Servable, 'inputs' | 'outputs' | 'isBatched'>

/**
 * Holds tensors against what a model takes.
 *
 * @throws MODEL_INPUT naming the input
 */
export function checkFeeds(feeds: Tensors, model: Model): void {
  const { inputs, isBatched } = model
  let given = 0
  let rows = -1
  for (const input of inputs) {
    const tensor = Object.hasOwn(feeds, input.name) ? feeds[input.name] : undefined
    if (!tensor) throw refused(`the input '${input.name}' is missing`)
    given++
    checkTensor(tensor, input)
    if (!isBatched) continue
    if (rows >= 0 && tensor.shape[0] !== rows)
      throw refused(`input '${input.name}' has ${tensor.shape[0]} rows, '${inputs[0]!.name}' ${rows}`)
    rows = tensor.shape[0]!
  }
  if (rows === 0) throw refused('there are no rows in the request')
  if (given < Object.keys(feeds).length) throw unknownInput(feeds, inputs)
}

function checkTensor(tensor: TensorLiteral, { name, type, shape }: TensorSpec): void {
  if (tensor.type !== type) throw refused(`input '${name}' takes ${type}, got ${tensor.type}`)
  const fits =
    tensor.shape.length === shape.length && shape.every((size, axis) => size < 0 || size === tensor.shape[axis])
  if (!fits) throw refused(`input '${name}' takes the shape [${shape}], got [${tensor.shape}]`)
  if (tensor.data.length !== elementCount(tensor.shape))
    throw refused(`input '${name}': ${tensor.data.length} values do not fill the shape [${tensor.shape}]`)
}

function unknownInput(feeds: Tensors, inputs: readonly TensorSpec[]): FivefoldError {
  const names = inputs.map(({ name }) => name)
  const unknown = Object.keys(feeds).find((name) => !names.includes(name))!
  return refused(`the model has no input '${unknown.slice(0, 100)}'${didYouMean(unknown, names)}`)
}

/** @throws REQUEST_INVALID */
export function checkOutputs(outputs: readonly string[], model: Model): void {
  for (const name of outputs)
    if (!model.outputs.some((output) => output.name === name))
      throw new FivefoldError(
        'REQUEST_INVALID',
        `no output '${name.slice(0, 100)}'; there are: ${model.outputs.map((output) => output.name).join(', ')}`,
      )
}

const refused = (message: string): FivefoldError =>
  new FivefoldError('MODEL_INPUT', message, { remedy: 'GET /v2/models/{model} says what the model takes.' })
