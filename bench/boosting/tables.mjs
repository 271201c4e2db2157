import { join } from 'node:path'
import { openTable } from '../../packages/fivefold/dist/data/index.js'

const ADULT_COLUMNS = [
  ...[
    'age',
    'workclass',
    'fnlwgt',
    'education',
    'education_num',
    'marital_status',
    'occupation',
    'relationship',
    'race',
  ],
  ...['sex', 'capital_gain', 'capital_loss', 'hours_per_week', 'native_country', 'income'],
]
const HIGGS_COLUMNS = ['label', ...Array.from({ length: 28 }, (_, i) => `f${i}`)]
const COMPAS_FEATURES = [
  ...['sex', 'age', 'race', 'juv_fel_count', 'juv_misd_count', 'juv_other_count', 'priors_count'],
  ...['c_charge_degree', 'c_charge_desc'],
]

/**
 * The shared tables: file, column to be predicted, the value that counts as positive (none: a number is predicted), and what
 * is left out: row identifiers, what is known only afterwards, and names. Tables with an official split are joined.
 */
export const TABLES = {
  adult: { file: 'adult/adult-t*.csv', target: 'income', positive: ['>50K', '>50K.'], columns: ADULT_COLUMNS },
  'bank-marketing': { file: 'bank-marketing/bank-full.csv', target: 'y', positive: ['yes'], drop: ['duration'] },
  'credit-data': { file: 'credit-data/credit_data.csv', target: 'Status', positive: ['bad'], drop: ['rownames'] },
  'credit-default-taiwan': {
    file: 'credit-default-taiwan/credit-card-clients.csv',
    target: 'default payment',
    positive: ['1'],
  },
  'telco-churn': {
    file: 'telco-churn/Telco-Customer-Churn.csv',
    target: 'Churn',
    positive: ['Yes'],
    drop: ['customerID'],
  },
  titanic: { file: 'titanic/titanic.csv', target: 'survived', positive: ['1'], drop: ['name', 'ticket'] },
  compas: {
    file: 'compas/compas-scores-two-years.deid.csv',
    target: 'two_year_recid',
    positive: ['1'],
    keep: COMPAS_FEATURES,
  },
  'electricity-elec2': { file: 'electricity-elec2/elec.csv', target: 'class', positive: ['1'] },
  'lightgbm-higgs7k': {
    file: 'lightgbm-higgs7k/binary.t*',
    target: 'label',
    positive: ['1'],
    columns: HIGGS_COLUMNS,
    format: 'csv',
    delimiter: '\t',
  },
  'california-housing': { file: 'california-housing/housing.csv', target: 'median_house_value' },
  'bike-sharing': {
    file: 'bike-sharing/hour.csv',
    target: 'cnt',
    drop: ['instant', 'dteday', 'casual', 'registered'],
  },
  'hotel-rates': {
    file: 'hotel-rates/hotel_rates.csv',
    target: 'avg_price_per_room',
    drop: ['rownames', 'arrival_date'],
  },
}

/** The table's columns, with what is to be predicted as the number column `target`: 0, 1 or a value. */
export async function readTable(folder, { file, target, positive, keep, drop = [], ...source }) {
  const texts = positive?.map((value) => `'${value}'`).join(', ')
  const sql = texts === undefined ? `"${target}"` : `CAST(CAST("${target}" AS VARCHAR) IN (${texts}) AS INTEGER)`
  const table = await openTable({ ...source, location: join(folder, file), derive: { target: sql } })
  const wanted = (name) => name !== target && !drop.includes(name) && (keep?.includes(name) ?? true)
  const names = table.schema.columns.map(({ name }) => name).filter((name) => name !== 'target' && wanted(name))
  const frame = await table.read([...names, 'target'])
  await table.close()
  return frame
}
