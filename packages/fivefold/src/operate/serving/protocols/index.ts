import type { FastifyInstance } from 'fastify'
import type { ServingContext } from '../server/serving-context.ts'
import { addAzure } from './azure/index.ts'
import { addPing } from './ping.ts'
import { addSageMaker, addSageMakerModels } from './sagemaker/index.ts'
import { addTensorFlowServing, type VersionLabels } from './tensorflow/index.ts'
import { addTorchServe, addTorchServeManagement } from './torchserve/index.ts'
import { addVertex, type VertexRoutes } from './vertex/index.ts'

/** What protocols need to be told; each has its default without. */
export interface ProtocolChoices {
  /** Which versions labels stand for in TensorFlow Serving's paths. Without it no version has a label. */
  readonly labels?: VersionLabels
  /** The routes of a container of Vertex AI; see `vertexRoutes`. */
  readonly vertex?: VertexRoutes
  /**
   * Makes this a container of a multi-model endpoint of SageMaker: the folder below which models are loaded from. The calls
   * take the paths of TorchServe's management.
   */
  readonly sageMakerModels?: string
}

/** The interfaces of other model servers, beside the Open Inference Protocol. Each has errors in its own form. */
export async function addProtocols(
  app: FastifyInstance,
  serving: ServingContext,
  { labels, vertex, sageMakerModels: modelRoot }: ProtocolChoices,
): Promise<void> {
  const { management } = serving
  await app.register((scope) => addPing(scope, serving))
  await app.register((scope) => addTensorFlowServing(scope, { ...serving, ...(labels && { labels }) }))
  await app.register((scope) => addTorchServe(scope, serving))
  await app.register((scope) => addSageMaker(scope, serving))
  await app.register((scope) => addAzure(scope, serving))
  if (vertex) await app.register((scope) => addVertex(scope, { ...serving, vertex }))
  if (modelRoot !== undefined) await app.register((scope) => addSageMakerModels(scope, { ...serving, modelRoot }))
  else if (management) await app.register((scope) => addTorchServeManagement(scope, { ...serving, management }))
}
