import { createContext, openTable } from 'fivefold'
import { inferProblem, problemStatement, profileTable, renderProfileHtml } from 'fivefold/analyze'

const context = createContext({ seed: 7 })
await using table = await openTable({ location: 'node_modules/vega-datasets/data/seattle-weather.csv' })

// What is in the table, and what is wrong with it. Plain JSON.
const profile = await profileTable(table, { target: 'weather', time: 'date' }, context)
for (const { severity, title, evidence } of profile.issues) console.log(`${severity}: ${title} (${evidence})`)
for (const { column, mutualInformation, power } of profile.associations.withTarget.slice(0, 3))
  console.log(`${column}: ${mutualInformation.toFixed(2)} bits about the weather, ROC AUC ${power?.toFixed(2)} alone`)

// What a model of it would answer, and by what it is judged.
const problem = await inferProblem(table, { target: 'weather' })
console.log(problemStatement(problem, profile).split('\n').slice(0, 9).join('\n'))
console.log(`report: ${renderProfileHtml(profile, problem).length} characters of HTML`)
