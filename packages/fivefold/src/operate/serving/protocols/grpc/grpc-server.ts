import { randomUUID } from 'node:crypto'
import {
  Metadata,
  Server,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { FivefoldError } from '../../../../core/index.ts'
import type { Admission } from '../../access/admission.ts'
import { guardCalls } from '../../access/guard-calls.ts'
import type { Watched } from '../../access/watched-files.ts'
import type { RequestRecord } from '../../requests/request-record.ts'
import type { RequestRecorder } from '../../requests/request-recorder.ts'
import type { ServingContext } from '../../server/serving-context.ts'
import type { Certificates } from '../../tls/certificates.ts'
import { grpcCredentials } from '../../tls/grpc-credentials.ts'
import { toReplyError } from '../../wire/error-reply.ts'
import { type CallOptions, grpcMethods, type Method } from './methods.ts'

export interface GrpcOptions extends ServingContext {
  readonly host: string
  /** 0 for a free one. */
  readonly port: number
  /** Without it everybody may call. */
  readonly admission?: Admission
  /** Without them there is no TLS. */
  readonly certificates?: Watched<Certificates>
}

export interface RunningGrpcServer {
  readonly port: number
  /** Takes no new calls, answers those in flight, then frees the port. */
  close(): Promise<void>
}

/** Calls in flight get this long when the server stops. */
const DRAIN_MS = 10_000
const MAX_STREAMS_PER_CONNECTION = 1000

/**
 * The Open Inference Protocol over gRPC (`inference.GRPCInferenceService`), and gRPC's health check. Deadlines and
 * cancellation of clients take their requests out of the queue.
 *
 * @throws PORT_IN_USE, OPTION_INVALID
 */
export async function serveGrpc(options: GrpcOptions): Promise<RunningGrpcServer> {
  const server = new Server({
    'grpc.max_receive_message_length': options.limits.bodyBytes,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': MAX_STREAMS_PER_CONNECTION,
    ...(options.admission && { interceptors: [guardCalls(options.admission)] }),
  })
  const methods = grpcMethods(options)
  server.addService(serviceOf(methods), implementationOf(methods, options))
  const port = await bind(server, options)
  return { port, close: () => shutDown(server) }
}

const identity = (bytes: Buffer): Buffer => bytes

/** Messages stay bytes here: what cannot be read is then an INVALID_ARGUMENT of ours, not a fault of the server. */
function serviceOf(methods: Readonly<Record<string, Method>>): ServiceDefinition {
  return Object.fromEntries(
    Object.keys(methods).map((path) => [
      path,
      {
        path,
        requestStream: false,
        responseStream: false,
        requestSerialize: identity,
        requestDeserialize: identity,
        responseSerialize: identity,
        responseDeserialize: identity,
      },
    ]),
  )
}

function implementationOf(
  methods: Readonly<Record<string, Method>>,
  { context, requests }: ServingContext,
): UntypedServiceImplementation {
  const answer = async (path: string, method: Method, call: UnaryCall, reply: sendUnaryData<Buffer>): Promise<void> => {
    const said = new Metadata()
    const options = callOptions(call, said, requests)
    const { record } = options
    const end = (status: number): void => requests.end(record, { route: path, method: 'gRPC', status })
    try {
      const message = await method(call.request, options)
      call.sendMetadata(said)
      reply(null, message)
      end(200)
    } catch (thrown) {
      const { status, error } = toReplyError(thrown)
      end(status)
      if (status === 500) {
        const { requestId } = options
        context.log.warn('call failed', { requestId, method: path, code: error.code, cause: causeOf(thrown) })
      }
      reply({ code: error.grpcStatus, details: error.message, metadata: said })
    }
  }
  return Object.fromEntries(
    Object.entries(methods).map(([path, method]) => [
      path,
      (call: UnaryCall, reply: sendUnaryData<Buffer>) => void answer(path, method, call, reply),
    ]),
  )
}

type UnaryCall = ServerUnaryCall<Buffer, Buffer>

function callOptions(
  call: UnaryCall,
  said: Metadata,
  requests: RequestRecorder,
): CallOptions & { readonly record: RequestRecord } {
  const gone = new AbortController()
  call.on('cancelled', () => gone.abort())
  const headers = textsOf(call.metadata)
  const requestId = acceptedRequestId(headers['x-request-id'])
  said.set('x-request-id', requestId)
  const record = requests.start(requestId)
  return { requestId, record, signal: gone.signal, headers, annotate: (name, value) => said.set(name, value) }
}

/** Metadata but for binary values; names come in small letters. */
function textsOf(metadata: Metadata): Record<string, string> {
  const entries = Object.entries(metadata.getMap())
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

/** A sender's id is kept where it is fit for a header and a log line. */
const acceptedRequestId = (sent: string | undefined): string =>
  sent !== undefined && /^[\x21-\x7e]{1,128}$/.test(sent) ? sent : randomUUID()

const causeOf = (thrown: unknown): string =>
  thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)

function bind(server: Server, { host, port, certificates }: GrpcOptions): Promise<number> {
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  return new Promise((resolve, reject) => {
    server.bindAsync(address, grpcCredentials(certificates), (error, bound) => {
      if (!error) return resolve(bound)
      server.forceShutdown()
      const code = error.message.includes('EADDRINUSE') ? 'PORT_IN_USE' : 'OPTION_INVALID'
      reject(new FivefoldError(code, `cannot listen for gRPC on ${address}: ${error.message}`, { cause: error }))
    })
  })
}

function shutDown(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.forceShutdown(), DRAIN_MS)
    server.tryShutdown(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
