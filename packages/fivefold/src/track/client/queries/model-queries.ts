import { FivefoldError } from '../../../core/index.ts'
import type { Page, SearchQuery } from '../../search/page.ts'
import type { HttpWire } from '../wire/http-wire.ts'
import { WireError } from '../wire/wire-error.ts'
import {
  type RemoteModel,
  type RemoteModelVersion,
  toModel,
  toVersion,
  type WireModel,
  type WireVersion,
} from './from-wire.ts'

export interface NewRemoteVersion {
  /** Of a model that exists. */
  readonly name: string
  /** URI of its files: `runs:/<run>/model`, `models:/<logged model>`. */
  readonly source: string
  readonly runId?: string
  readonly description?: string
  readonly tags?: Readonly<Record<string, string>>
}

/** The registry. All throw MODEL_NOT_FOUND where there is no such model, version or alias. */
export interface ModelQueries {
  /** Throws STORE_CONFLICT where the name is taken. */
  create(
    name: string,
    options?: { readonly description?: string; readonly tags?: Readonly<Record<string, string>> },
  ): Promise<RemoteModel>
  get(name: string): Promise<RemoteModel>
  search(query?: SearchQuery): Promise<Page<RemoteModel>>
  delete(name: string): Promise<void>
  createVersion(version: NewRemoteVersion): Promise<RemoteModelVersion>
  getVersion(name: string, version: number): Promise<RemoteModelVersion>
  searchVersions(query?: SearchQuery): Promise<Page<RemoteModelVersion>>
  setVersionTag(name: string, version: number, key: string, value: string): Promise<void>
  /** Points an alias to a version, wherever it pointed before. */
  setAlias(name: string, alias: string, version: number): Promise<void>
  deleteAlias(name: string, alias: string): Promise<void>
  /** The version that an alias points to. */
  byAlias(name: string, alias: string): Promise<RemoteModelVersion>
}

const pairs = (record: Readonly<Record<string, string>> = {}): object[] =>
  Object.entries(record).map(([key, value]) => ({ key, value }))

export function createModelQueries(wire: HttpWire): ModelQueries {
  const call = async <T>(...args: Parameters<HttpWire['call']>): Promise<T> => {
    try {
      return await wire.call<T>(...args)
    } catch (error) {
      if (!(error instanceof WireError) || error.code !== 'RUN_NOT_FOUND') throw error
      throw new FivefoldError('MODEL_NOT_FOUND', error.message, { cause: error })
    }
  }
  const aliasPath = 'registered-models/alias'
  return {
    async create(name, { description, tags } = {}) {
      const fields = { name, tags: pairs(tags), ...(description !== undefined && { description }) }
      return toModel(
        (await call<{ registered_model: WireModel }>('POST', 'registered-models/create', fields)).registered_model,
      )
    },
    async get(name) {
      return toModel(
        (await call<{ registered_model: WireModel }>('GET', 'registered-models/get', { name })).registered_model,
      )
    },
    async search({ limit = 100, ...query } = {}) {
      const answer = await call<{ registered_models?: WireModel[]; next_page_token?: string }>(
        'GET',
        'registered-models/search',
        searchFields({ limit, ...query }),
      )
      return { items: (answer.registered_models ?? []).map(toModel), ...nextPage(answer) }
    },
    delete: (name) => call('DELETE', 'registered-models/delete', { name }),
    async createVersion({ name, source, runId, description, tags }) {
      const answer = await call<{ model_version: WireVersion }>('POST', 'model-versions/create', {
        name,
        source,
        ...(runId !== undefined && { run_id: runId }),
        ...(description !== undefined && { description }),
        tags: pairs(tags),
      })
      return toVersion(answer.model_version)
    },
    async getVersion(name, version) {
      const fields = { name, version: String(version) }
      return toVersion((await call<{ model_version: WireVersion }>('GET', 'model-versions/get', fields)).model_version)
    },
    async searchVersions({ limit = 1000, ...query } = {}) {
      const answer = await call<{ model_versions?: WireVersion[]; next_page_token?: string }>(
        'GET',
        'model-versions/search',
        searchFields({ limit, ...query }),
      )
      return { items: (answer.model_versions ?? []).map(toVersion), ...nextPage(answer) }
    },
    setVersionTag: (name, version, key, value) =>
      call('POST', 'model-versions/set-tag', { name, version: String(version), key, value }),
    setAlias: (name, alias, version) => call('POST', aliasPath, { name, alias, version: String(version) }),
    deleteAlias: (name, alias) => call('DELETE', aliasPath, { name, alias }),
    async byAlias(name, alias) {
      try {
        return toVersion((await call<{ model_version: WireVersion }>('GET', aliasPath, { name, alias })).model_version)
      } catch (error) {
        if (!(error instanceof WireError) || error.wireCode !== 'INVALID_PARAMETER_VALUE') throw error
        throw new FivefoldError('MODEL_NOT_FOUND', error.message, { cause: error })
      }
    },
  }
}

const searchFields = ({ filter, orderBy, limit, pageToken }: SearchQuery): Record<string, unknown> => ({
  max_results: limit,
  filter,
  order_by: orderBy,
  page_token: pageToken,
})

const nextPage = ({ next_page_token }: { next_page_token?: string }): { nextPageToken?: string } =>
  next_page_token ? { nextPageToken: next_page_token } : {}
