import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

/** A server that speaks as much of Redis's protocol as a cache needs (RESP3), and fails on request. */
export interface FakeRedis {
  readonly url: string
  /** What it was asked, but for greetings. */
  readonly commands: string[][]
  /** Instead of answering: says nothing, hangs up, or answers that it cannot. */
  fail(how: 'silence' | 'hang-up' | 'error' | 'garbage' | undefined): void
  close(): Promise<void>
}

export async function startFakeRedis(): Promise<FakeRedis> {
  const values = new Map<string, Buffer>()
  const sockets = new Set<Socket>()
  const commands: string[][] = []
  let failure: Parameters<FakeRedis['fail']>[0]
  const answer = (socket: Socket, parts: readonly Buffer[]): void => {
    const [command = '', key = ''] = parts.map(String)
    if (command === 'HELLO') return void socket.write('%1\r\n$6\r\nserver\r\n$5\r\nredis\r\n')
    if (command === 'CLIENT') return void socket.write('+OK\r\n')
    commands.push(parts.map(String))
    if (failure === 'silence') return
    if (failure === 'hang-up') return void socket.destroy()
    if (failure === 'error') return void socket.write('-OOM command not allowed\r\n')
    if (command === 'SET') {
      values.set(key, parts[2]!)
      return void socket.write('+OK\r\n')
    }
    const value = failure === 'garbage' ? Buffer.from('no tensors') : values.get(key)
    socket.write(value ? Buffer.concat([Buffer.from(`$${value.length}\r\n`), value, Buffer.from('\r\n')]) : '_\r\n')
  }
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).once('close', () => sockets.delete(socket))
    let rest = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk])
      for (let read = readCommand(rest); read; read = readCommand(rest)) {
        rest = rest.subarray(read.bytes)
        answer(socket, read.parts)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    commands,
    fail: (how) => {
      failure = how
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** `*<parts>` and each part as `$<bytes>` and its bytes, every piece ended by a line break; undefined while it is not whole. */
function readCommand(data: Buffer): { parts: Buffer[]; bytes: number } | undefined {
  let at = 0
  const line = (): string | undefined => {
    const end = data.indexOf('\r\n', at)
    if (end < 0) return undefined
    const text = data.toString('latin1', at, end)
    at = end + 2
    return text
  }
  const head = line()
  if (head === undefined) return undefined
  const parts: Buffer[] = []
  for (let i = 0; i < Number(head.slice(1)); i++) {
    const length = line()
    if (length === undefined || at + Number(length.slice(1)) + 2 > data.length) return undefined
    parts.push(data.subarray(at, at + Number(length.slice(1))))
    at += Number(length.slice(1)) + 2
  }
  return { parts, bytes: at }
}
