import { strict as assert } from 'node:assert'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import {
  assertDone,
  assertError,
  assertNoStackTrace,
  assertNothingHalfWritten,
  fivefold,
  workFolder,
} from '../installed.mjs'
import { churnRows, generator, toCsv, writeCsv } from '../tables.mjs'

/** Trains on a file with the given content; every case in a folder of its own. */
async function train(name, content, { target = 'churn', flags = [] } = {}) {
  const cwd = workFolder('bad')
  if (content !== undefined) writeFileSync(join(cwd, name), content)
  const result = await fivefold(['run', '--data', name, '--target', target, '--out', 'out', '--json', ...flags], {
    cwd,
  })
  assertNothingHalfWritten(join(cwd, 'out'))
  return result
}

const rows = churnRows(400)

describe('tables that cannot be learned from', () => {
  const cases = [
    ['an empty file', 'a.csv', '', ['DATA_EMPTY', 'DATA_UNREADABLE']],
    ['a header and no rows', 'a.csv', 'age,income,churn\n', ['DATA_EMPTY']],
    ['one class only', 'a.csv', toCsv(rows.map((row) => ({ ...row, churn: 'no' }))), ['PROBLEM_TARGET_UNUSABLE']],
    [
      'a target that is all missing',
      'a.csv',
      toCsv(rows.map((row) => ({ ...row, churn: '' }))),
      ['PROBLEM_TARGET_UNUSABLE'],
    ],
    [
      'two columns of one name',
      'a.csv',
      `age,age,churn\n${rows.map(({ age, churn }) => `${age},1,${churn}`).join('\n')}\n`,
      ['DATA_COLUMN_DUPLICATE'],
    ],
    [
      'a corrupt Parquet file',
      'a.parquet',
      Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(500, 7), Buffer.from('PAR1')]),
      ['DATA_UNREADABLE'],
    ],
    ['a Parquet file cut short', 'a.parquet', Buffer.from('PAR1'), ['DATA_UNREADABLE']],
    ['a file that is not there', 'a.csv', undefined, ['DATA_NOT_FOUND']],
    [
      'only the target',
      'a.csv',
      toCsv(rows.map(({ churn }) => ({ churn }))),
      ['PROBLEM_NO_FEATURES', 'DATA_UNREADABLE'],
    ],
    ['one row', 'a.csv', toCsv(rows.slice(0, 1)), ['PROBLEM_TARGET_UNUSABLE', 'SPLIT_IMPOSSIBLE', 'DATA_EMPTY']],
  ]
  for (const [name, file, content, codes] of cases)
    it(name, async () => assertError(await train(file, content), { exitCode: 1, codes }))

  it('a target that is no column, with the columns that there are', async () => {
    const result = await train('a.csv', toCsv(rows), { target: 'chrun' })
    assertError(result, { exitCode: 1, codes: ['DATA_COLUMN_UNKNOWN'] })
    assert.match(result.json.error.message, /churn/)
  })
})

describe('tables that are untidy and can be learned from', () => {
  it('a column that is all missing', async () => {
    const result = await train('a.csv', toCsv(rows.map((row) => ({ ...row, gone: '' }))))
    assertDone(result)
  })

  it('rows without a target', async () => {
    const result = await train('a.csv', toCsv(rows.map((row, i) => (i % 10 === 0 ? { ...row, churn: '' } : row))))
    assertDone(result)
    assert.ok(
      result.json.warnings.some((warning) => /40|missing|target/.test(warning)),
      result.json.warnings.join('\n'),
    )
  })

  it('NaN and infinity in a column of numbers', async () => {
    const odd = ['NaN', 'inf', '-inf', 'Infinity']
    const result = await train(
      'a.csv',
      toCsv(rows.map((row, i) => (i % 9 === 0 ? { ...row, income: odd[i % 4] } : row))),
    )
    assertDone(result)
    for (const { value } of Object.values(result.json.test.metrics)) assert.ok(Number.isFinite(value))
  })

  it('a hundred thousand categories', async () => {
    const next = generator(5)
    const many = Array.from({ length: 100_000 }, (_, i) => ({
      city: `city ${i}`,
      size: Math.round(next() * 100),
      churn: next() < 0.5 ? 'yes' : 'no',
    }))
    assertDone(
      await train('a.csv', toCsv(many.map((row) => ({ ...row, churn: row.size > 50 ? 'yes' : row.churn }))), {
        flags: ['--budget', '20s'],
      }),
    )
  })

  it('names and values with quotes, commas, markup and letters of any script', async () => {
    const odd = rows.map((row) => ({
      '"größe, <b>cm</b>"': row.age,
      '"=1+1"': `"a ""${row.plan}"", ✓"`,
      churn: row.churn,
    }))
    assertDone(await train('a.csv', toCsv(odd)))
  })
})

describe('wrong usage', () => {
  const cwd = workFolder('usage')
  writeCsv(cwd, 'a.csv', rows)
  const cases = [
    ['an unknown flag', ['run', '--data', 'a.csv', '--target', 'churn', '--learning-curve'], ['CLI_USAGE']],
    ['an unknown command', ['trian'], ['CLI_USAGE']],
    ['a flag without its value', ['run', '--data'], ['CLI_USAGE']],
    [
      'a value out of range',
      ['run', '--data', 'a.csv', '--target', 'churn', '--threads', '0'],
      ['CLI_USAGE', 'OPTION_INVALID'],
    ],
    [
      'an unknown metric',
      ['run', '--data', 'a.csv', '--target', 'churn', '--metric', 'auc'],
      ['METRIC_UNKNOWN', 'CONFIG_INVALID', 'CLI_USAGE'],
    ],
    ['an unknown stage', ['run', '--data', 'a.csv', '--target', 'churn', '--from', 'trane'], ['CLI_USAGE']],
    ['data without a target', ['run', '--data', 'a.csv'], ['CLI_USAGE']],
    ['no config', ['run'], ['CONFIG_UNREADABLE']],
  ]
  for (const [name, args, codes] of cases)
    it(name, async () => assertError(await fivefold([...args, '--json'], { cwd }), { exitCode: 2, codes }))

  it('an unknown config key is named by its path', async () => {
    writeFileSync(
      join(cwd, 'wrong.config.ts'),
      `export default { data: { location: 'a.csv', delimeter: ';' }, target: 'churn', metrics: 'f1' }`,
    )
    const result = await fivefold(['run', '--config', 'wrong.config.ts', '--json'], { cwd })
    assertError(result, { exitCode: 2, codes: ['CONFIG_INVALID'] })
    assert.deepEqual(result.json.error.issues.map(({ path }) => path.join('.')).sort(), ['data.delimeter', 'metrics'])
  })

  it('a config that does not compile', async () => {
    writeFileSync(join(cwd, 'broken.config.ts'), 'export default {{')
    assertError(await fivefold(['run', '--config', 'broken.config.ts', '--json'], { cwd }), {
      exitCode: 2,
      codes: ['CONFIG_UNREADABLE'],
    })
  })

  it('without --json errors are for people: on stderr, with what to do', async () => {
    const result = await fivefold(['run', '--data', 'none.csv', '--target', 'churn'], { cwd })
    assert.equal(result.code, 1)
    assert.equal(result.stdout, '')
    assert.match(result.stderr, /DATA_NOT_FOUND/)
    assertNoStackTrace(result)
  })
})

describe('models that are not', () => {
  const cwd = workFolder('models')
  writeCsv(cwd, 'a.csv', rows)

  it('a folder that is no bundle', async () => {
    const result = await fivefold(['predict', '--model', cwd, '--data', 'a.csv', '--out', 'p.csv', '--json'], { cwd })
    assertError(result, { exitCode: 1, codes: ['BUNDLE_INVALID', 'MODEL_NOT_FOUND'] })
  })

  it('a name that no registry knows', async () => {
    const result = await fivefold(
      ['predict', '--model', 'nobody@champion', '--data', 'a.csv', '--out', 'p.csv', '--json'],
      { cwd },
    )
    assertError(result, { exitCode: 1, codes: ['MODEL_NOT_FOUND'] })
  })

  it('a bundle in which a byte was changed', async () => {
    assertDone(await fivefold(['run', '--data', 'a.csv', '--target', 'churn', '--out', 'out', '--json'], { cwd }))
    const file = join(cwd, 'out/model/model.onnx')
    const bytes = readFileSync(file)
    bytes[bytes.length >> 1] ^= 1
    writeFileSync(file, bytes)
    const result = await fivefold(['predict', '--model', 'out/model', '--data', 'a.csv', '--out', 'p.csv', '--json'], {
      cwd,
    })
    assertError(result, { exitCode: 1, codes: ['BUNDLE_INVALID'] })
  })
})
