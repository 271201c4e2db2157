import { FivefoldError } from '../../../../core/index.ts'
import { MAX_FEATURES } from '../draft/draft-model.ts'
import { type DraftSplit, type Members, membersOf } from '../draft/draft-tree.ts'
import { asFields, type Fields, listAt, numberAt, textAt } from '../draft/fields.ts'

type Question = Pick<DraftSplit, 'feature' | 'threshold' | 'missingLeft' | 'members' | 'membersLeft'>

export interface CatboostFeatures {
  readonly names: readonly string[]
  /** A split of the file. Yes, which CatBoost counts as 1, is right. */
  questionOf(split: Fields, path: string): Question
}

interface FloatFeature {
  readonly column: number
  readonly missingLeft: boolean
}

/** @throws MODEL_UNREADABLE, and from its questions MODEL_UNSUPPORTED for what is neither a number nor one category */
export function readFeatures(info: Fields): CatboostFeatures {
  const floats = new Map<number, FloatFeature>()
  const categories = new Map<number, number>()
  const names: string[] = []
  for (const kind of ['float_features', 'categorical_features'] as const)
    for (const [i, item] of listAt(info, kind, 'features_info', true).entries()) {
      const path = `${kind}[${i}]`
      const fields = asFields(item, path)
      const column = wholeNumber(fields, 'flat_feature_index', path)
      const index = wholeNumber(fields, 'feature_index', path)
      names[column] = nameOf(fields, column)
      if (kind === 'categorical_features') categories.set(index, column)
      else floats.set(index, { column, missingLeft: fields.nan_value_treatment !== 'AsTrue' })
    }
  const codes = codesOf(info)
  return {
    // Columns that the model ignores have no entry.
    names: Array.from(names, (name, i) => name ?? `f${i}`),
    questionOf(split, path) {
      const type = textAt(split, 'split_type', path)
      if (type === 'FloatFeature') {
        const { column, missingLeft } = known(floats, split, 'float_feature_index', path)
        return { feature: column, threshold: Math.fround(numberAt(split, 'border', path)), missingLeft }
      }
      if (type !== 'OneHotFeature')
        throw new FivefoldError('MODEL_UNSUPPORTED', `CatBoost's splits of type ${type} cannot be said here`, {
          remedy: 'Encode text and categories before training, or train with one_hot_max_size above their number.',
        })
      const feature = known(categories, split, 'cat_feature_index', path)
      const members = codes(numberAt(split, 'value', path))
      return { feature, threshold: 0, missingLeft: true, members, membersLeft: false }
    },
  }
}

function wholeNumber(fields: Fields, key: string, path: string): number {
  const value = numberAt(fields, key, path)
  if (Number.isInteger(value) && value >= 0 && value < MAX_FEATURES) return value
  throw new FivefoldError('MODEL_UNREADABLE', `${path}.${key} is ${value}`)
}

function nameOf(fields: Fields, column: number): string {
  const names = [fields.feature_name, fields.feature_id]
  return names.find((name): name is string => typeof name === 'string' && name !== '') ?? `f${column}`
}

function known<Entry>(entries: ReadonlyMap<number, Entry>, split: Fields, key: string, path: string): Entry {
  const entry = entries.get(numberAt(split, key, path))
  if (entry === undefined) throw new FivefoldError('MODEL_UNREADABLE', `${path} asks for a feature that is not there`)
  return entry
}

/** Categories by the hash that splits name them with. They must be numbers 0, 1, 2, ..., which are the codes then. */
function codesOf(info: Fields): (hash: number) => Members {
  const texts = new Map<number, string>()
  for (const [i, item] of (info.cat_features_hash
    ? listAt(info, 'cat_features_hash', 'features_info')
    : []
  ).entries()) {
    const fields = asFields(item, `cat_features_hash[${i}]`)
    texts.set(numberAt(fields, 'hash', 'cat_features_hash') | 0, String(fields.value))
  }
  return (hash) => {
    const text = texts.get(hash | 0)
    if (text === undefined)
      throw new FivefoldError('MODEL_UNSUPPORTED', 'the file does not say which category a split means', {
        remedy: 'Save the model with save_model(path, format="json", pool=train_pool).',
      })
    if (!/^\d{1,8}$/.test(text))
      throw new FivefoldError('MODEL_UNSUPPORTED', `the category '${text}' is not a code`, {
        remedy: 'Train with categories numbered 0, 1, 2, ...',
      })
    return membersOf([Number(text)])
  }
}
