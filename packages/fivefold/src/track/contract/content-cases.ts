import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { TrackingStore } from '../tracking-store.ts'
import { type ContractCase, rejectsWith } from './contract-case.ts'

const bytesOf = (text: string): Readable => Readable.from([Buffer.from(text)])

async function textOf(store: TrackingStore, path: string): Promise<string> {
  const { stream } = await store.openArtifact(path)
  return Buffer.concat(await stream().toArray()).toString()
}

export const CONTENT_CASES: readonly ContractCase[] = [
  {
    name: 'streams artifacts in and out, and lists folders',
    async run(store) {
      await store.writeArtifact('1/r/artifacts/model/MLmodel', bytesOf('one'))
      await store.writeArtifact('1/r/artifacts/model/data/x', bytesOf(''))
      await store.writeArtifact('1/r/artifacts/model.txt', bytesOf('two'))
      await store.writeArtifact('1/r/artifacts/model/MLmodel', bytesOf('three'))
      assert.equal(await textOf(store, '1/r/artifacts/model/MLmodel'), 'three')
      assert.equal(await textOf(store, '1/r/artifacts/model/data/x'), '')
      assert.deepEqual(await store.listArtifactFolder('1/r/artifacts'), [
        { name: 'model', isFolder: true, sizeBytes: 0 },
        { name: 'model.txt', isFolder: false, sizeBytes: 3 },
      ])
      assert.deepEqual(await store.listArtifactFolder('1/r/artifacts/model'), [
        { name: 'MLmodel', isFolder: false, sizeBytes: 5 },
        { name: 'data', isFolder: true, sizeBytes: 0 },
      ])
      assert.deepEqual(await store.listArtifactFolder('1/r/art'), [])
      await store.deleteArtifact('1/r/artifacts/model')
      await rejectsWith(store.openArtifact('1/r/artifacts/model/MLmodel'), 'ARTIFACT_NOT_FOUND')
      assert.equal(await textOf(store, '1/r/artifacts/model.txt'), 'two')
    },
  },
  {
    name: 'refuses paths that mean something elsewhere, and content beyond a limit',
    async run(store) {
      for (const path of [
        '',
        '/etc/passwd',
        '../x',
        'a/../../x',
        'a//b',
        'a/.',
        'a\\..\\b',
        'a\0b',
        'x'.repeat(2001),
      ]) {
        await rejectsWith(store.writeArtifact(path, bytesOf('x')), 'OPTION_INVALID')
        await rejectsWith(store.openArtifact(path), 'OPTION_INVALID')
        await rejectsWith(store.deleteArtifact(path), 'OPTION_INVALID')
        if (path !== '') await rejectsWith(store.listArtifactFolder(path), 'OPTION_INVALID')
        await rejectsWith(store.createUpload(path), 'OPTION_INVALID')
      }
      await rejectsWith(store.writeArtifact(`registry/${'0'.repeat(64)}/x`, bytesOf('x')), 'OPTION_INVALID')
      await rejectsWith(store.openArtifact(`registry/${'0'.repeat(64)}/x`), 'ARTIFACT_NOT_FOUND')
      await rejectsWith(store.writeArtifact('big', bytesOf('12345'), 4), 'REQUEST_TOO_LARGE')
      await rejectsWith(store.openArtifact('big'), 'ARTIFACT_NOT_FOUND')
    },
  },
  {
    name: 'joins uploads of parts, whatever their order, and parts that come twice',
    async run(store) {
      const id = await store.createUpload('1/r/artifacts/large')
      await store.writeUploadPart(id, 2, bytesOf('wor'))
      await store.writeUploadPart(id, 1, bytesOf('hello '))
      await store.writeUploadPart(id, 2, bytesOf('world'))
      await rejectsWith(store.completeUpload(id, [1, 2, 3]), 'OPTION_INVALID')
      await rejectsWith(store.writeUploadPart(id, 0, bytesOf('x')), 'OPTION_INVALID')
      await rejectsWith(store.openArtifact('1/r/artifacts/large'), 'ARTIFACT_NOT_FOUND')
      await store.completeUpload(id, [2, 1])
      assert.equal(await textOf(store, '1/r/artifacts/large'), 'hello world')
      await rejectsWith(store.completeUpload(id, [1, 2]), 'ARTIFACT_NOT_FOUND')
      const aborted = await store.createUpload('1/r/artifacts/other')
      await store.abortUpload(aborted)
      for (const unknown of [aborted, '../..', '']) {
        await rejectsWith(store.writeUploadPart(unknown, 1, bytesOf('x')), 'ARTIFACT_NOT_FOUND')
        await rejectsWith(store.abortUpload(unknown), 'ARTIFACT_NOT_FOUND')
      }
    },
  },
  {
    name: 'registers what a client uploaded, and joins its files when they are asked for',
    async run(store) {
      const runId = await store.createRun({ experiment: 'e' })
      const { artifactUri } = await store.getRun(runId)
      const folder = artifactUri.replace('mlflow-artifacts:/', '')
      await store.writeArtifact(`${folder}/model/MLmodel`, bytesOf('flavors'))
      await store.writeArtifact(`${folder}/model/data/model.onnx`, bytesOf('graph'))
      await rejectsWith(store.createModelVersion({ name: 'up', source: `${artifactUri}/model` }), 'MODEL_NOT_FOUND')
      await store.createModel({ name: 'up', description: 'd', tags: { a: 'b' } })
      await rejectsWith(store.createModel({ name: 'up' }), 'STORE_CONFLICT')
      await store.createModelVersion({ name: 'up', source: `${artifactUri}/model`, runId, tags: { c: 'd' } })
      const found = await store.resolveModel('up/1')
      assert.equal(await readFile(join(found.bundlePath, 'data', 'model.onnx'), 'utf8'), 'graph')
      assert.equal((await store.getModelVersion('up', 1)).bundlePath, found.bundlePath)
      await store.createModelVersion({ name: 'up', source: 's3://elsewhere/model' })
      await rejectsWith(store.resolveModel('up/2'), 'MODEL_NOT_FOUND')
    },
  },
  {
    name: 'describes, stages, renames and deletes models and versions',
    async run(store) {
      await store.createModel({ name: 'm' })
      for (let i = 0; i < 3; i++) await store.createModelVersion({ name: 'm', source: `s3://bucket/${i}` })
      await store.describeModel('m', 'about')
      await store.describeModelVersion('m', 1, 'first')
      await store.setModelTag('m', 'k', 'v')
      await store.setVersionTag('m', 2, 'k', 'v')
      await store.setVersionTag('m', 2, 'gone', 'v')
      await store.deleteVersionTag('m', 2, 'gone')
      await store.setStage('m', 1, 'Production')
      await store.setStage('m', 2, 'Production', true)
      await store.setAlias('m', 'champion', 2)
      await store.renameModel('m', 'renamed')
      await rejectsWith(store.getModel('m'), 'MODEL_NOT_FOUND')
      const model = await store.getModel('renamed')
      assert.deepEqual([model.description, model.tags, model.aliases], ['about', { k: 'v' }, { champion: 2 }])
      assert.deepEqual(
        model.versions.map(({ version, stage, tags, aliases }) => [version, stage, tags, aliases]),
        [
          [3, 'None', {}, []],
          [2, 'Production', { k: 'v' }, ['champion']],
          [1, 'Archived', {}, []],
        ],
      )
      await store.deleteModelVersion('renamed', 3)
      assert.equal((await store.createModelVersion({ name: 'renamed', source: 's3://bucket/4' })).version, 4)
      const versions = await store.searchModelVersions({ filter: "name = 'renamed' and tags.k = 'v'" })
      assert.deepEqual(
        versions.items.map(({ version }) => version),
        [2],
      )
      await store.createModel({ name: 'prompt', tags: { 'mlflow.prompt.is_prompt': 'true' } })
      const noPrompt = "tags.`mlflow.prompt.is_prompt` != 'true'"
      const models = await store.searchModels({ filter: `name ILIKE '%R%' and ${noPrompt}`, orderBy: ['name DESC'] })
      assert.deepEqual(
        models.items.map(({ name }) => name),
        ['renamed'],
      )
      await store.deleteModel('prompt')
      await store.deleteModel('renamed')
      assert.deepEqual(await store.listModels(), [])
    },
  },
]
