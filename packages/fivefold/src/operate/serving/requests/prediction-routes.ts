const TENSORFLOW_MODELS = [
  '/v1/models/:model',
  '/v1/models/:model/versions/:version',
  '/v1/models/:model/labels/:label',
]

/** Names of the routes that answer predictions, and the method of gRPC that does; a test holds them against the routes there are. */
export const PREDICTION_ROUTES: ReadonlySet<string> = new Set([
  '/predict',
  '/models/:model/predict',
  '/models/:model/versions/:version/predict',
  '/v2/models/:model/infer',
  '/v2/models/:model/versions/:version/infer',
  ...TENSORFLOW_MODELS.flatMap((path) => ['predict', 'classify', 'regress'].map((method) => `${path}:${method}`)),
  '/predictions/:model',
  '/predictions/:model/:version',
  '/invocations',
  '/models/:model/invoke',
  '/score',
  '/vertex/predict',
  '/inference.GRPCInferenceService/ModelInfer',
])

/** Whether a request asks for a prediction: GET on the same path asks about the model. */
export const isPrediction = (route: string, method: string): boolean =>
  (method === 'POST' || method === 'gRPC') && PREDICTION_ROUTES.has(route)
