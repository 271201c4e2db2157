import { Metadata, ServerInterceptingCall, type ServerInterceptor, type StatusObject } from '@grpc/grpc-js'
import type { Admission, Verdict } from './admission.ts'
import { scopeOfCall } from './route-scopes.ts'

/** Holds every call against the admission before its message is read. */
export const guardCalls =
  (admission: Admission): ServerInterceptor =>
  ({ path }, call) =>
    new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata(metadata, pass) {
            const conclude = (verdict: Verdict): void => {
              if ('error' in verdict) call.sendStatus(statusOf(verdict))
              else pass(metadata)
            }
            const verdict = admission.judge({
              authorization: textOf(metadata, 'authorization'),
              address: call.getConnectionInfo().remoteAddress ?? 'unknown',
              scope: scopeOfCall(path),
            })
            if (verdict instanceof Promise) void verdict.then(conclude)
            else conclude(verdict)
          },
        }),
    })

/** A name that comes twice is nobody's. */
function textOf(metadata: Metadata, name: string): string | undefined {
  const [value, ...more] = metadata.get(name)
  return typeof value === 'string' && more.length === 0 ? value : undefined
}

/** gRPC's retry policies wait as long as the pushback says. */
function statusOf({ error, throttle }: Extract<Verdict, { error: unknown }>): StatusObject {
  const metadata = new Metadata()
  if (throttle) metadata.set('grpc-retry-pushback-ms', String(Math.ceil(throttle.waitMs)))
  return { code: error.grpcStatus, details: error.message, metadata }
}
