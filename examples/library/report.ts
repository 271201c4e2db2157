import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { callout, chart, curveChart, formatInterval, htmlDocument, keyFigures, section } from 'fivefold/report'

const points = [0, 0.1, 0.3, 0.6, 1].map((x) => ({ x, y: Math.sqrt(x) }))
const svg = curveChart({
  label: 'ROC curve of the churn model',
  x: 'False positive rate',
  y: 'True positive rate',
  curves: [{ name: 'model', points }],
  diagonal: true,
})
const rocAuc = formatInterval({ value: 0.831, low: 0.804, high: 0.855 })
const html = htmlDocument({
  title: 'Churn model, week 12',
  sections: [
    section({
      id: 'result',
      title: 'Result',
      blocks: [
        keyFigures([{ label: 'ROC AUC', value: rocAuc, note: '95% interval, 2,000 rows' }]),
        callout('good', 'Better than last week', 'The interval of the difference lies above 0.'),
        chart({ svg, title: 'Ranking of the test rows' }),
      ],
    }),
  ],
})
const path = join(await mkdtemp(join(tmpdir(), 'fivefold-')), 'report.html')
await writeFile(path, html)
console.log(`${path}: ${html.length} characters, ROC AUC ${rocAuc}, no script from elsewhere`)
