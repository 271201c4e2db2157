import { basename } from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { TrackingStore } from '../../track/index.ts'
import { folderOf, joinPath } from './artifacts.ts'
import { modelName, versionNumber } from './registered-models.ts'
import { runFields, runIdOf } from './runs.ts'
import { sendArtifact } from './send-artifact.ts'
import { int64 } from './wire-types.ts'

const PREFIXES = ['/api/2.0/mlflow-artifacts', '/ajax-api/2.0/mlflow-artifacts']

const read = { config: { scope: 'read' as const } }
const write = { config: { scope: 'write' as const } }

const pathOf = (request: FastifyRequest): string => (request.params as { '*': string })['*']

/**
 * Content of artifacts, streamed in both directions. A plugin of its own, since bodies here are files and not JSON, except
 * for the calls around uploads in parts.
 */
export async function artifactProxy(app: FastifyInstance, { store }: { store: TrackingStore }): Promise<void> {
  for (const prefix of PREFIXES) {
    await app.register(async (files) => {
      files.removeAllContentTypeParsers()
      files.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
      addFileRoutes(files, prefix, store)
    })
    addUploadRoutes(app, prefix, store)
  }
  addDownloadPages(app, store)
}

function addFileRoutes(app: FastifyInstance, prefix: string, store: TrackingStore): void {
  app.get(`${prefix}/artifacts`, read, async (request) => {
    const { path } = z.object({ path: z.string().default('') }).parse(request.query)
    const entries = await store.listArtifactFolder(path.replace(/^\/+|\/+$/g, ''))
    const files = entries.map(({ name, isFolder, sizeBytes }) => ({
      path: name,
      is_dir: isFolder,
      ...(!isFolder && { file_size: sizeBytes }),
    }))
    return { files }
  })
  app.get(`${prefix}/artifacts/*`, read, (request, reply) => sendArtifact(store, pathOf(request), request, reply))
  app.put(`${prefix}/artifacts/*`, { ...write, bodyLimit: Number.MAX_SAFE_INTEGER }, async (request) => {
    await store.writeArtifact(pathOf(request), bodyOf(request))
    return {}
  })
  app.delete(`${prefix}/artifacts/*`, write, async (request) => {
    await store.deleteArtifact(pathOf(request).replace(/\/+$/, ''))
    return {}
  })
  // Whoever began the upload was allowed to write, and its id cannot be guessed: as with presigned addresses.
  const part = { config: { scope: 'none' as const }, bodyLimit: Number.MAX_SAFE_INTEGER }
  app.put(`${prefix}/mpu/part/:upload/:part`, part, async (request, reply) => {
    const input = z.object({ upload: z.string(), part: int64 }).parse(request.params)
    await store.writeUploadPart(input.upload, input.part, bodyOf(request))
    void reply.header('etag', `"${input.part}"`)
    return {}
  })
}

/** A body of length 0 has no content type, and so no parser. */
async function* bodyOf(request: FastifyRequest): AsyncIterable<Uint8Array> {
  if (request.body) yield* request.body as AsyncIterable<Uint8Array>
}

const MAX_PARTS = 10_000

const uploadFields = z.object({
  path: z.string(),
  num_parts: int64.pipe(z.number().min(1).max(MAX_PARTS)).default(1),
})
const finishFields = z.object({
  upload_id: z.string(),
  parts: z.array(z.object({ part_number: int64 })).default([]),
})

function addUploadRoutes(app: FastifyInstance, prefix: string, store: TrackingStore): void {
  // The path of the address names the folder, and the body the file, by its path on the client's machine.
  for (const folder of ['', '/*'])
    app.post(`${prefix}/mpu/create${folder}`, write, async (request) => {
      const { path, num_parts } = uploadFields.parse(request.body)
      const id = await store.createUpload(joinPath(folder === '' ? '' : pathOf(request), basename(path)))
      const root = `${request.protocol}://${request.host}${prefix}/mpu/part/${id}`
      const credentials = Array.from({ length: num_parts }, (_, index) => ({
        url: `${root}/${index + 1}`,
        part_number: index + 1,
        headers: {},
      }))
      return { upload_id: id, credentials }
    })
  for (const folder of ['', '/*']) {
    app.post(`${prefix}/mpu/complete${folder}`, write, async (request) => {
      const { upload_id, parts } = finishFields.parse(request.body)
      await store.completeUpload(
        upload_id,
        parts.map(({ part_number }) => part_number),
      )
      return {}
    })
    app.post(`${prefix}/mpu/abort${folder}`, write, async (request) => {
      await store.abortUpload(finishFields.parse(request.body).upload_id)
      return {}
    })
  }
}

/** Addresses that a browser opens. */
function addDownloadPages(app: FastifyInstance, store: TrackingStore): void {
  const ofRun = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { path, ...run } = z.object({ ...runFields, path: z.string() }).parse(request.query)
    const { artifactUri } = await store.getRun(runIdOf(run))
    return sendArtifact(store, joinPath(folderOf(artifactUri), path), request, reply)
  }
  const ofVersion = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const input = z.object({ name: modelName, version: versionNumber, path: z.string() }).parse(request.query)
    const { downloadUri } = await store.getModelVersion(input.name, input.version)
    return sendArtifact(store, joinPath(folderOf(downloadUri), input.path), request, reply)
  }
  for (const prefix of ['', '/ajax-api/2.0/mlflow']) {
    app.get(`${prefix}/get-artifact`, read, ofRun)
    app.get(`${prefix}/model-versions/get-artifact`, read, ofVersion)
  }
}
