import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createContext, runProject } from 'fivefold'
import { createLambdaHandler } from 'fivefold/lambda'
import { writeDeployment } from 'fivefold/operate'

const projectFolder = await mkdtemp(join(tmpdir(), 'fivefold-'))
const context = createContext({ seed: 7 })
const data = join(process.cwd(), 'node_modules/vega-datasets/data/seattle-weather.csv')
const { out } = await runProject({ data, target: 'weather', drop: ['date'], budgetMs: 1 }, context, { projectFolder })

// What `fivefold deploy` does: a folder with everything that the platform takes, and a runbook.
const bundle = join(out, 'model')
const deployment = await writeDeployment({ bundle, target: 'lambda', out: join(projectFolder, 'weather') })
for (const { path, sizeBytes } of deployment.files) console.log(path, sizeBytes)

// What the function in the archive does with an event.
const ending = new AbortController()
const handler = await createLambdaHandler({ bundle, signal: ending.signal })
const event = JSON.parse(await readFile(join(deployment.out, 'events/predict.json'), 'utf8'))
const { statusCode, body } = await handler(event)
console.log(statusCode, body)
ending.abort()
