import { connect } from 'node:http2'
import { gzipSync } from 'node:zlib'
import { status } from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createContext } from '../../../../core/index.ts'
import { type RunningServer, serveModels } from '../../server/serve-models.ts'
import { HALF_PLUS_TWO } from '../protocol-app.test.fixture.ts'

const MIB = 2 ** 20

let server: RunningServer
beforeAll(async () => {
  server = await serveModels({ models: [HALF_PLUS_TWO], grpcPort: 0, context: createContext() })
})
afterAll(() => server.close())

/** Sends one message as it is, compressed or not; the status of gRPC. */
function send(message: Buffer, encoding: string, headers: Record<string, string> = {}): Promise<number> {
  const head = Buffer.alloc(5)
  head[0] = encoding === 'identity' ? 0 : 1
  head.writeUInt32BE(message.length, 1)
  const session = connect(`http://127.0.0.1:${server.grpcPort}`)
  return new Promise<number>((resolve, reject) => {
    session.on('error', reject)
    const stream = session.request({
      ...{ ':method': 'POST', ':path': '/inference.GRPCInferenceService/ModelInfer' },
      ...{ 'content-type': 'application/grpc', te: 'trailers', 'grpc-encoding': encoding, ...headers },
    })
    const found = (received: Record<string, unknown>): void => {
      if (received['grpc-status'] !== undefined) resolve(Number(received['grpc-status']))
    }
    stream.on('response', found).on('trailers', found).on('error', reject)
    stream.resume()
    stream.end(Buffer.concat([head, message]))
  }).finally(() => session.destroy())
}

describe('compressed messages', () => {
  it('count by what they inflate to, and take no more memory than is allowed', async () => {
    const bomb = gzipSync(Buffer.alloc(512 * MIB))
    expect(bomb.length).toBeLessThan(MIB)
    const before = process.memoryUsage().rss
    for (let i = 0; i < 4; i++) expect(await send(bomb, 'gzip')).toBe(status.RESOURCE_EXHAUSTED)
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * MIB)
  })

  it('are read where they are small', async () => {
    // An unknown model: the message was read.
    expect(await send(gzipSync(Buffer.from('\n\u0004none')), 'gzip')).toBe(status.NOT_FOUND)
  })

  it('that are none, or in another way than is said, are refused', async () => {
    expect(await send(Buffer.from('no gzip'), 'gzip')).not.toBe(status.OK)
    expect(await send(Buffer.alloc(10), 'brotli')).toBe(status.UNIMPLEMENTED)
    expect(await send(Buffer.from('\n\u0004none'), 'identity')).toBe(status.NOT_FOUND)
  })
})
