import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { createContext } from '../../../core/index.ts'
import { creditModel } from '../model/servable.test.fixture.ts'
import { type RunningServer, serveModels } from './serve-models.ts'

let server: RunningServer
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await server.close()
})

const serve = async (): Promise<void> => {
  server = await serveModels({ models: [creditModel()], limits: { timeoutMs: 500 }, context: createContext() })
}

function dial(): Socket {
  const socket = connect(server.port, '127.0.0.1')
  socket.on('error', () => {})
  sockets.push(socket)
  return socket
}

describe('senders that hold a connection open', () => {
  it.each([
    ['by headers without end', 'POST /predict HTTP/1.1\r\nhost: a\r\nx-a: 1\r\n'],
    [
      'by a body without end',
      'POST /predict HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n[',
    ],
    [
      'by a chunk without end',
      'POST /predict HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nff\r\n[',
    ],
  ])(
    '%s are told that they are late, and let go',
    async (_how, bytes) => {
      await serve()
      const socket = dial()
      socket.write(bytes)
      const dribble = setInterval(() => socket.write('1'), 50)
      const answer = await text(socket)
      clearInterval(dribble)
      expect(answer).toMatch(/^HTTP\/1\.1 408 /)
      expect(JSON.parse(answer.split('\r\n\r\n')[1]!)).toMatchObject({ error: { code: 'REQUEST_INVALID' } })
    },
    30_000,
  )

  it('in great numbers keep nobody else from being answered', async () => {
    await serve()
    for (let i = 0; i < 300; i++) dial().write('GET / HTTP/1.1\r\nx-a: ')
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.resume().once('close', resolve))))
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  }, 30_000)
})

describe('headers', () => {
  it.each([
    ['one that is too long', [`x-a: ${'a'.repeat(20_000)}`], 431],
    ['very many', Array.from({ length: 3000 }, (_, i) => `x-${i}: aaaaaaaa`), 431],
    ['a name that is none', ['x a: 1'], 400],
    ['two lengths', ['content-length: 1', 'content-length: 2'], 400],
    ['a length and chunks', ['content-length: 5', 'transfer-encoding: chunked'], 400],
    ['a value with a line in it', ['x-a: a\rb: c'], 400],
  ])('that are broken are refused in our form: %s', async (_what, lines, status) => {
    await serve()
    const socket = dial()
    socket.write(`POST /predict HTTP/1.1\r\nhost: a\r\n${lines.join('\r\n')}\r\n\r\n`)
    const answer = await text(socket)
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(JSON.parse(answer.split('\r\n\r\n')[1]!)).toHaveProperty('error.code', 'REQUEST_INVALID')
  })
})
