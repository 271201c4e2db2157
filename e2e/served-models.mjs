/** Models and deployments for servers to answer with, made by the installed package itself. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { project } from './installed.mjs'

/** Writes `folder/<name>/1/model.onnx`: the sum of three features, each times its weight. */
export async function writeLinearModel(folder, name, weights) {
  const { createTypedGraph, encodeModel, floats } = await import(
    pathToFileURL(join(project, 'node_modules/fivefold/dist/onnx/index.js'))
  )
  const graph = createTypedGraph({ name })
  const features = graph.input('features', 'float', ['rows', 3])
  graph.output('score', graph.node('MatMul', [features, graph.initializer('weights', floats(weights, [3, 1]))]))
  mkdirSync(join(folder, name, '1'), { recursive: true })
  writeFileSync(join(folder, name, '1/model.onnx'), encodeModel(graph.build()))
}

/** Writes a deployment of the models `score-1` (stable) and `score-2` (next), and returns the path of its file. */
export function writeDeployment(folder, name, policy) {
  const file = join(folder, `${name}.json`)
  const variants = { stable: { model: 'score-1' }, next: { model: 'score-2' } }
  writeFileSync(file, JSON.stringify({ name, variants, policy }))
  return file
}

/** Asks a model or deployment `count` times, each time as another user; resolves with the variants that answered. */
export async function askFor(base, name, count) {
  const variants = []
  for (let i = 0; i < count; i++) {
    const response = await fetch(`${base}/models/${name}/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-user': `u${i}` },
      body: JSON.stringify({ inputs: { features: [[1, 2, i]] } }),
    })
    if (!response.ok) throw new Error(await response.text())
    variants.push(response.headers.get('x-fivefold-variant'))
  }
  return variants
}
