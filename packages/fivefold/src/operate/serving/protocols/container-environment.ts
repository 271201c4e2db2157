import type { ProtocolChoices } from './index.ts'
import { vertexRoutes } from './vertex/index.ts'

/** Where SageMaker lays the models of a multi-model endpoint down. */
const SAGEMAKER_MODELS = '/opt/ml/models'

/** What clouds tell their containers through the environment: routes of Vertex AI, a multi-model endpoint of SageMaker. */
export function protocolsOfEnvironment(environment: Readonly<Record<string, string | undefined>>): ProtocolChoices {
  const vertex = vertexRoutes(environment)
  const isMultiModel = environment.SAGEMAKER_MULTI_MODEL?.toLowerCase() === 'true'
  return { ...(vertex && { vertex }), ...(isMultiModel && { sageMakerModels: SAGEMAKER_MODELS }) }
}
