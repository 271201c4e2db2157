import { afterAll, describe, expect, it } from 'vitest'
import { BUNDLE } from '../deploy-plan.test.fixture.ts'
import { createLambdaHandler } from './handler.ts'

const ending = new AbortController()
const handler = await createLambdaHandler({ bundle: BUNDLE, version: '7', signal: ending.signal })
afterAll(() => ending.abort())

/** As AWS documents payload format 2.0 of HTTP APIs. */
function event(method: string, rawPath: string, changes: object = {}): Record<string, unknown> {
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: '',
    headers: { 'content-type': 'application/json', host: 'id.lambda-url.eu-west-1.on.aws' },
    requestContext: {
      accountId: '123456789012',
      apiId: 'id',
      domainName: 'id.lambda-url.eu-west-1.on.aws',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'agent' },
      requestId: 'from-the-platform',
      routeKey: '$default',
      stage: '$default',
      time: '12/Mar/2020:19:03:58 +0000',
      timeEpoch: 1583348638390,
    },
    isBase64Encoded: false,
    ...changes,
  }
}

const ROW = { age: 38, children: 1, member: true, "town's name": 'Köln' }
const body = JSON.stringify({ rows: [ROW] })

describe('createLambdaHandler', () => {
  it('answers an event with the graph of the bundle, under the id of the platform', async () => {
    const { statusCode, headers, body: answer, isBase64Encoded } = await handler(event('POST', '/predict', { body }))
    expect({ statusCode, isBase64Encoded }).toEqual({ statusCode: 200, isBase64Encoded: false })
    expect(headers).toMatchObject({ 'x-request-id': 'from-the-platform' })
    expect(headers).not.toHaveProperty('connection')
    // By hand: sigmoid(38 - 40 + 1 child + 1 member) = sigmoid(0).
    expect(JSON.parse(answer)).toMatchObject({
      version: '7',
      predictions: [{ label: 'yes', probabilities: { no: 0.5, yes: 0.5 } }],
    })
  })

  it('reads bodies that the platform has encoded', async () => {
    const encoded = { body: Buffer.from(body).toString('base64'), isBase64Encoded: true }
    expect((await handler(event('POST', '/predict', encoded))).statusCode).toBe(200)
  })

  it('answers events of REST APIs, which are of payload format 1.0', async () => {
    const rest = {
      ...{ resource: '/{proxy+}', httpMethod: 'POST', path: '/predict', body, isBase64Encoded: false },
      headers: { 'Content-Type': 'application/json' },
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      requestContext: { requestId: 'of-rest', stage: 'prod', httpMethod: 'POST', path: '/prod/predict' },
    }
    const answer = await handler(rest)
    expect(answer).toMatchObject({ statusCode: 200, headers: { 'x-request-id': 'of-rest' } })
    const asked = { ...rest, httpMethod: 'GET', path: '/v2/models/example', body: null }
    expect((await handler({ ...asked, multiValueQueryStringParameters: { q: ['a b', 'c'] } })).statusCode).toBe(200)
  })

  it('hands out what is not text in base64', async () => {
    const column = (name: string, datatype: string, value: unknown) => ({
      name,
      datatype,
      shape: [1, 1],
      data: [value],
    })
    const inputs = [column('age', 'FP64', 38), column('children', 'INT64', 1), column('member', 'BOOL', true)]
    const asked = JSON.stringify({ inputs, parameters: { binary_data_output: true } })
    const answer = await handler(event('POST', '/v2/models/example/infer', { body: asked }))
    const bytes = Buffer.from(answer.body, 'base64')
    const length = Number(answer.headers['inference-header-content-length'])
    expect(answer).toMatchObject({ statusCode: 200, isBase64Encoded: true })
    expect(JSON.parse(bytes.subarray(0, length).toString('utf8'))).toMatchObject({ model_name: 'example' })
    expect(bytes.length).toBeGreaterThan(length)
  })

  it('takes the stage of an API off the path', async () => {
    const { requestContext } = event('GET', '/') as { requestContext: object }
    const staged = { requestContext: { ...requestContext, stage: 'prod' } }
    expect((await handler(event('GET', '/prod/healthz', staged))).statusCode).toBe(200)
    expect((await handler(event('GET', '/production', staged))).statusCode).toBe(404)
  })

  it('has every route of the server, and its errors', async () => {
    expect((await handler(event('GET', '/v2/models/example'))).body).toContain('town')
    const refused = await handler(event('POST', '/predict', { body: '{"rows":[{"age":"old"}]}' }))
    expect(refused.statusCode).toBe(422)
    expect(JSON.parse(refused.body).error.code).toBe('MODEL_INPUT')
    expect((await handler(event('GET', '/grüße nach köln'))).statusCode).toBe(404)
  })

  it('does not pass on what would break the request', async () => {
    const headers = { 'content-length': '3', connection: 'close', 'x-odd': 'a\nb', 'bad name': 'x', 'x-wide': 'ж' }
    const sent = { body, headers: { 'content-type': 'application/json', ...headers } }
    expect((await handler(event('POST', '/predict', sent))).statusCode).toBe(200)
  })

  it.each([null, {}, { Records: [] }, event('GET', 'no-slash'), { ...event('GET', '/'), version: '1.0' }])(
    'refuses what is no HTTP request',
    async (other) => {
      await expect(handler(other)).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
    },
  )

  it('answers many events at once, each with its own', async () => {
    const ages = Array.from({ length: 50 }, (_, i) => 35 + i / 10)
    const answers = await Promise.all(
      ages.map((age) => handler(event('POST', '/predict', { body: JSON.stringify({ rows: [{ ...ROW, age }] }) }))),
    )
    for (const [i, { body: answer }] of answers.entries()) {
      const { yes } = JSON.parse(answer).predictions[0].probabilities
      expect(yes).toBeCloseTo(1 / (1 + Math.exp(38 - ages[i]!)), 5)
    }
  })
})
