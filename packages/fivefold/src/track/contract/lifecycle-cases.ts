import assert from 'node:assert/strict'
import { type ContractCase, rejectsWith } from './contract-case.ts'

export const LIFECYCLE_CASES: readonly ContractCase[] = [
  {
    name: 'names, renames, deletes and restores experiments',
    async run(store) {
      const id = await store.createExperiment({ name: 'one', tags: { team: 'x' }, artifactLocation: 's3://bucket/one' })
      await rejectsWith(store.createExperiment({ name: 'one' }), 'STORE_CONFLICT')
      await store.setExperimentTag(id, 'team', 'y')
      await store.setExperimentTag(id, 'gone', 'y')
      await store.deleteExperimentTag(id, 'gone')
      await store.renameExperiment(id, 'two')
      const found = await store.getExperiment(id)
      assert.deepEqual([found.name, found.tags, found.artifactLocation], ['two', { team: 'y' }, 's3://bucket/one'])
      const runId = await store.createRun({ experimentId: id })
      assert.equal((await store.getRun(runId)).artifactUri, `s3://bucket/one/${runId}/artifacts`)
      await store.setExperimentLifecycle(id, 'deleted')
      assert.equal((await store.getRun(runId)).lifecycle, 'deleted')
      await rejectsWith(store.createRun({ experimentId: id }), 'OPTION_INVALID')
      // Runs that are made at once share a transaction, but no fate.
      const made = await Promise.allSettled(
        [{ experimentId: id }, { experiment: 'Default' }, { experimentId: 'none' }, { experiment: 'Default' }].map(
          (run) => store.createRun(run),
        ),
      )
      assert.deepEqual(
        made.map(({ status }) => status),
        ['rejected', 'fulfilled', 'rejected', 'fulfilled'],
      )
      await rejectsWith(store.createExperiment({ name: 'two' }), 'STORE_CONFLICT')
      const names = async (lifecycle: 'active' | 'deleted' | 'all'): Promise<string> =>
        (await store.searchExperiments({ lifecycle, orderBy: ['name'] })).items.map(({ name }) => name).join()
      assert.deepEqual(
        [await names('active'), await names('deleted'), await names('all')],
        ['Default', 'two', 'Default,two'],
      )
      await store.setExperimentLifecycle(id, 'active')
      assert.equal((await store.getRun(runId)).lifecycle, 'active')
      const tagged = await store.searchExperiments({ filter: "tags.team = 'y' and name ilike 'T%'" })
      assert.deepEqual(
        tagged.items.map(({ name }) => name),
        ['two'],
      )
      await rejectsWith(store.getExperiment('none'), 'RUN_NOT_FOUND')
      await rejectsWith(store.searchExperiments({ filter: "nothing = 'x'" }), 'OPTION_INVALID')
    },
  },
  {
    name: 'counts the active runs of experiments',
    async run(store) {
      const id = await store.createExperiment({ name: 'counted' })
      const [first] = await Promise.all([1, 2].map(() => store.createRun({ experimentId: id })))
      assert.equal((await store.countRuns()).get(id), 2)
      await store.setRunLifecycle(first!, 'deleted')
      assert.deepEqual([...(await store.countRuns())], [[id, 1]])
    },
  },
  {
    name: 'changes, deletes, restores and collects runs',
    async run(store) {
      const id = await store.createRun({ experiment: 'e', name: 'first', tags: { a: 'b' } })
      await store.updateRun(id, { name: 'second', status: 'failed', endedMs: 7 })
      const { name, tags, status, endedMs } = await store.getRun(id)
      assert.deepEqual([name, tags, status, endedMs], ['second', { a: 'b', 'mlflow.runName': 'second' }, 'failed', 7])
      await store.logBatch(id, {
        tags: { 'mlflow.runName': 'third' },
        metrics: [{ key: 'm', value: 1, step: 0, timestampMs: 0 }],
      })
      assert.equal((await store.getRun(id)).name, 'third')
      await store.deleteTag(id, 'a')
      await rejectsWith(store.deleteTag(id, 'a'), 'RUN_NOT_FOUND')
      const kept = await store.createRun({ experiment: 'e' })
      await store.setRunLifecycle(id, 'deleted')
      await rejectsWith(store.logBatch(id, { tags: { a: 'b' } }), 'OPTION_INVALID')
      assert.deepEqual(
        (await store.listRuns()).map((run) => run.id),
        [kept],
      )
      await store.setRunLifecycle(id, 'active')
      assert.deepEqual((await store.collectGarbage()).runs, 0)
      await store.setRunLifecycle(id, 'deleted')
      assert.deepEqual((await store.collectGarbage()).runs, 1)
      await rejectsWith(store.getRun(id), 'RUN_NOT_FOUND')
      assert.equal((await store.getRun(kept)).id, kept)
    },
  },
  {
    name: 'remembers the datasets and models of a run',
    async run(store) {
      const id = await store.createRun({ experiment: 'e' })
      const { experimentId } = await store.getRun(id)
      const dataset = { name: 'iris', digest: 'd1', sourceType: 'local', source: '{}', schema: '{"x": 1}' }
      const tags = { 'mlflow.data.context': 'train' }
      await store.logInputs(id, [{ dataset, tags }], ['m-in'])
      await store.logInputs(id, [{ dataset, tags }])
      await store.logOutputs(id, [{ modelId: 'm-out', step: 3 }])
      const { inputs, outputs } = await store.getRun(id)
      assert.deepEqual(inputs, { datasets: [{ dataset, tags }], modelIds: ['m-in'] })
      assert.deepEqual(outputs, [{ modelId: 'm-out', step: 3 }])
      assert.deepEqual(await store.listDatasets([experimentId]), [
        { experimentId, name: 'iris', digest: 'd1', context: 'train' },
      ])
    },
  },
  {
    name: 'keeps logged models with their parameters, tags and measurements',
    async run(store) {
      const runId = await store.createRun({ experiment: 'e' })
      const { experimentId } = await store.getRun(runId)
      const made = await store.createLoggedModel({
        experimentId,
        name: 'tree',
        sourceRunId: runId,
        params: { depth: '3' },
      })
      assert.deepEqual(
        [made.status, made.artifactUri],
        ['pending', `mlflow-artifacts:/${experimentId}/models/${made.id}/artifacts`],
      )
      await store.finalizeLoggedModel(made.id, 'ready')
      await store.setLoggedModelTags(made.id, { a: '1', b: '2' })
      await store.deleteLoggedModelTag(made.id, 'a')
      await store.logLoggedModelParams(made.id, { width: '4' })
      await rejectsWith(store.logLoggedModelParams(made.id, { width: '5' }), 'STORE_CONFLICT')
      const point = { key: 'auc', value: 0.9, step: 1, timestampMs: 5, modelId: made.id, datasetName: 'd' }
      await store.logBatch(runId, { metrics: [point, { ...point, step: 2, value: 0.95 }] })
      const found = await store.getLoggedModel(made.id)
      assert.deepEqual([found.status, found.tags, found.params], ['ready', { b: '2' }, { depth: '3', width: '4' }])
      assert.deepEqual(found.metrics, [{ key: 'auc', value: 0.95, step: 2, timestampMs: 5, runId, datasetName: 'd' }])
      const search = async (filter: string): Promise<number> =>
        (await store.searchLoggedModels({ experimentIds: [experimentId], filter, orderBy: ['metrics.auc desc'] })).items
          .length
      assert.deepEqual(
        [await search("name = 'tree' and metrics.auc > 0.9"), await search("params.depth = '4'")],
        [1, 0],
      )
      await rejectsWith(store.logBatch(runId, { metrics: [{ ...point, modelId: 'm-none' }] }), 'MODEL_NOT_FOUND')
      await store.deleteLoggedModel(made.id)
      await rejectsWith(store.getLoggedModel(made.id), 'MODEL_NOT_FOUND')
    },
  },
  {
    name: 'writes and finds traces',
    async run(store) {
      const experimentId = await store.createExperiment({ name: 'traced' })
      const trace = {
        id: 'tr-1',
        experimentId,
        clientRequestId: null,
        requestMs: 1000,
        durationMs: 20,
        state: 'OK' as const,
        requestPreview: 'in',
        responsePreview: 'out',
        tags: { 'mlflow.traceName': 'ask' },
        metadata: { k: 'v' },
      }
      await store.putTrace(trace)
      await store.putTrace({ ...trace, state: 'ERROR', tags: { more: 'x' } })
      await store.putTrace({ ...trace, id: 'tr-2', requestMs: 2000 })
      await store.putSpans('tr-1', new Map([['s1', '{"name":"root"}']]))
      await store.putAssessment('tr-1', 'a-1', '{"value":true}')
      assert.deepEqual(await store.getTrace('tr-1'), {
        ...trace,
        state: 'ERROR',
        tags: { ...trace.tags, more: 'x' },
        assessments: ['{"value":true}'],
      })
      assert.deepEqual(await store.readSpans('tr-1'), ['{"name":"root"}'])
      const ids = async (filter: string): Promise<string> =>
        (await store.searchTraces({ experimentIds: [experimentId], filter })).items.map(({ id }) => id).join()
      assert.equal(await ids(''), 'tr-2,tr-1')
      assert.equal(await ids("trace.status = 'ERROR' and name = 'ask' and timestamp_ms < 2000"), 'tr-1')
      await store.setTraceTag('tr-2', 'q', '1')
      await store.deleteTraceTag('tr-1', 'more')
      assert.equal(await ids("tags.q = '1' or tags.more = 'x'"), 'tr-2')
      assert.equal(await store.deleteTraces(experimentId, { untilMs: 1500 }), 1)
      await rejectsWith(store.getTrace('tr-1'), 'TRACE_NOT_FOUND')
      await rejectsWith(store.putSpans('tr-1', new Map()), 'TRACE_NOT_FOUND')
    },
  },
  {
    name: 'keeps only hashes of tokens',
    async run(store) {
      const token = await store.addToken('ci', 'write')
      await rejectsWith(store.addToken('ci', 'read'), 'STORE_CONFLICT')
      const found = await store.findToken(token)
      assert.deepEqual([found?.name, found?.scope], ['ci', 'write'])
      assert.equal(await store.findToken(`${token}x`), undefined)
      assert.ok(!JSON.stringify(await store.listTokens()).includes(token))
      await store.revokeToken('ci')
      assert.equal(await store.findToken(token), undefined)
      await rejectsWith(store.revokeToken('ci'), 'OPTION_INVALID')
    },
  },
]
