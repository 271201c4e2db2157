import { z } from 'zod'
import type { TraceInfo } from '../../track/index.ts'
import { present } from './wire-types.ts'

/** Where clients put the spans of a trace: a file of the artifact store. */
const ARTIFACT_LOCATION_TAG = 'mlflow.artifactLocation'

const location = z.object({ mlflow_experiment: z.object({ experiment_id: z.string() }).optional() })

export const traceLocations = z.array(location).default([])

const textMap = z.record(z.string(), z.string()).default({})

export const traceInfo = z.object({
  trace_id: z.string().min(1).max(250),
  client_request_id: z.string().optional(),
  trace_location: location,
  request_preview: z.string().optional(),
  response_preview: z.string().optional(),
  request_time: z.iso.datetime({ offset: true }),
  execution_duration: z
    .string()
    .regex(/^-?\d+(\.\d+)?s$/)
    .optional(),
  state: z.enum(['STATE_UNSPECIFIED', 'OK', 'ERROR', 'IN_PROGRESS']).default('STATE_UNSPECIFIED'),
  trace_metadata: textMap,
  tags: textMap,
})

export function toTrace(info: z.output<typeof traceInfo>, experimentId: string): Omit<TraceInfo, 'assessments'> {
  return {
    id: info.trace_id,
    experimentId,
    clientRequestId: info.client_request_id ?? null,
    requestMs: Date.parse(info.request_time),
    durationMs:
      info.execution_duration === undefined ? null : Math.round(Number.parseFloat(info.execution_duration) * 1000),
    state: info.state,
    requestPreview: info.request_preview ?? null,
    responsePreview: info.response_preview ?? null,
    tags: {
      ...info.tags,
      [ARTIFACT_LOCATION_TAG]: `mlflow-artifacts:/${experimentId}/traces/${info.trace_id}/artifacts`,
    },
    metadata: info.trace_metadata,
  }
}

export const toWireTrace = (trace: TraceInfo): object =>
  present({
    trace_id: trace.id,
    client_request_id: trace.clientRequestId,
    trace_location: { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: trace.experimentId } },
    request_preview: trace.requestPreview,
    response_preview: trace.responsePreview,
    request_time: new Date(trace.requestMs).toISOString(),
    execution_duration: trace.durationMs === null ? undefined : `${trace.durationMs / 1000}s`,
    state: trace.state,
    trace_metadata: trace.metadata,
    tags: trace.tags,
    assessments: trace.assessments.map((content) => JSON.parse(content) as object),
  })
