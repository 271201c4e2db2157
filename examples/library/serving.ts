import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createContext } from 'fivefold'
import { createTypedGraph, encodeModel, floats } from 'fivefold/onnx'
import { createModelRepository, serveModels } from 'fivefold/operate'

const folder = await mkdtemp(join(tmpdir(), 'fivefold-'))
const graph = createTypedGraph({ name: 'double' })
graph.output('y', graph.node('Mul', [graph.input('x', 'float', ['rows', 1]), graph.initializer('two', floats([2]))]))
await writeFile(join(folder, 'double.onnx'), encodeModel(graph.build()))
const context = createContext()

// Over HTTP: batches of at most 64 rows, and the last thousand answers kept.
const models = [{ path: join(folder, 'double.onnx') }]
const server = await serveModels({ models, batching: { maxBatchRows: 64 }, cacheEntries: 1000, context })
const answer = await fetch(`${server.url}/predict`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ inputs: { x: [[21]] } }),
})
console.log(await answer.json())
await server.close()

// Without HTTP: the same queue, batches and versions within a program.
await using repository = createModelRepository({ context })
await repository.load({ path: join(folder, 'double.onnx') })
const { y } = await repository.endpoint('double').infer({ x: floats([1, 2], [2, 1]) }, { requestId: 'mine' })
console.log(y?.data)
