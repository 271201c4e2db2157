/** What was measured, as medians with their ratios, and as Markdown. */

const DIGITS = 3

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Rows of `{ measure, unit, client?, of: { database: { fivefold, mlflow, ratio } } }`; a ratio above 1 is in our favour. */
export function summarise(servers, results) {
  const databases = [...new Set(servers.map(({ database }) => database))]
  const valuesOf = (pick) =>
    Object.fromEntries(
      databases.map((database) => {
        const [fivefold, mlflow] = ['fivefold', 'mlflow'].map((kind) => median(pick(results[`${kind}, ${database}`])))
        return [database, { fivefold, mlflow }]
      }),
    )
  const first = results[servers[0].name]
  const rates = Object.keys(first.rates).map((title) => ({
    measure: title,
    unit: 'metrics/s',
    client: median(results.null.rates[title]),
    of: withRatio(
      valuesOf(({ rates }) => rates[title]),
      (ours, theirs) => ours / theirs,
    ),
  }))
  const faster = (ours, theirs) => theirs / ours
  const searches = Object.keys(first.searches).map((title) => ({
    measure: `search: ${title}`,
    unit: 'ms',
    of: withRatio(
      valuesOf(({ searches }) => searches[title].ms),
      faster,
    ),
  }))
  const paint =
    first.paint.length === 0
      ? []
      : [
          {
            measure: 'first paint of the run table',
            unit: 'ms',
            of: withRatio(
              valuesOf((result) => result.paint),
              faster,
            ),
          },
        ]
  return [...rates, ...searches, ...paint]
}

const withRatio = (values, ratioOf) =>
  Object.fromEntries(
    Object.entries(values).map(([database, { fivefold, mlflow }]) => [
      database,
      { fivefold, mlflow, ratio: ratioOf(fivefold, mlflow) },
    ]),
  )

/** One row a measure; for each database ours, MLflow's, and how many times as fast ours is. */
export function toMarkdown(rows) {
  const databases = Object.keys(rows[0].of)
  const head = ['measure', 'unit', 'client alone', ...databases.flatMap((name) => [`${name}: ours`, 'MLflow', 'ratio'])]
  const lines = rows.map(({ measure, unit, client, of }) => [
    measure,
    unit,
    client === undefined ? '' : short(client),
    ...databases.flatMap((name) => [short(of[name].fivefold), short(of[name].mlflow), `${short(of[name].ratio)}x`]),
  ])
  const rule = head.map((_, column) => (column < 2 ? '---' : '--:'))
  return [head, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

const short = (value) => String(Number(value.toPrecision(DIGITS)))
