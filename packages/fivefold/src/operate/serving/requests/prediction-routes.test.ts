import { expect, it } from 'vitest'
import { createContext } from '../../../core/index.ts'
import { scopeOfRoute } from '../access/route-scopes.ts'
import { creditModel } from '../model/servable.test.fixture.ts'
import { grpcMethods } from '../protocols/grpc/methods.ts'
import type { ProtocolChoices } from '../protocols/index.ts'
import { createModelRepository } from '../runtime/create-repository.ts'
import { createServingApp } from '../server/serving-app.ts'
import { isPrediction, PREDICTION_ROUTES } from './prediction-routes.ts'

/** What callers who predict may post to beside predictions. */
const OTHERS = /^\/(v2\/repository\/index|explanations\/.*|predict\/jobs|outcomes)$/
const vertex = { health: '/health', predict: '/v1/endpoints/7:predict' }

/** Names of the routes that those may post to who predict, as requests are counted. */
async function postedTo(protocols: ProtocolChoices): Promise<string[]> {
  const context = createContext()
  const repository = createModelRepository({ context })
  await repository.add(creditModel())
  const { routes, serving, stop } = await createServingApp({ repository, context, protocols })
  const names = [...routes]
    .filter(([, { methods, isHidden }]) => methods.has('POST') && !isHidden)
    .map(([url, { path }]) => (path === vertex.predict ? url : path))
  const calls = Object.keys(grpcMethods(serving)).filter((path) => path.endsWith('/ModelInfer'))
  await stop()
  return [...names.filter((name) => scopeOfRoute('POST', name) === 'predict' && !OTHERS.test(name)), ...calls]
}

it('counts exactly the routes that answer predictions', async () => {
  const found = [...(await postedTo({ vertex })), ...(await postedTo({ sageMakerModels: '/nowhere' }))]
  expect([...new Set(found)].sort()).toEqual([...PREDICTION_ROUTES].sort())
  expect(isPrediction('/predict', 'GET')).toBe(false)
})
