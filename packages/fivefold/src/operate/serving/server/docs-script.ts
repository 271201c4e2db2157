/**
 * Script of the page under /docs. Everything that comes from the API's description is set as text, never as markup:
 * names of columns and classes come from data.
 */
export const DOCS_SCRIPT = `
'use strict'
const byId = (id) => document.getElementById(id)
const make = (tag, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), properties)
  node.append(...children)
  return node
}
const base = location.href.replace(/docs\\/?([?#].*)?$/, '')
const quoted = (text) => "'" + text.replaceAll("'", "'\\\\''") + "'"
let fields = []

const start = async () => {
  const api = await (await fetch(base + 'openapi.json')).json()
  const schema = api.paths['/predict'].post.requestBody.content['application/json'].schema
  // Only a bundle has columns that a form can ask for.
  const row = schema.anyOf ? schema.anyOf[2] : undefined
  document.title = api.info.title + ' ' + api.info.version + ' – model API'
  byId('title').textContent = api.info.title
  byId('about').textContent = 'Version ' + api.info.version + '. ' + api.info.description
  showRoutes(api.paths)
  if (row) showForm(row)
  else document.querySelectorAll('#try, #columns, nav a[href="#try"], nav a[href="#columns"]').forEach((part) => part.remove())
}

const showRoutes = (paths) => {
  const groups = new Map()
  for (const [path, methods] of Object.entries(paths))
    for (const [method, route] of Object.entries(methods)) {
      const [tag] = route.tags ?? ['other']
      groups.set(tag, [...(groups.get(tag) ?? []), routeOf(path, method, route)])
    }
  for (const [tag, routes] of groups) byId('route-list').append(make('h3', { textContent: tag }), ...routes)
}

const showForm = (row) => {
  fields = Object.entries(row.properties).map(([name, column]) => field(name, column, row))
  byId('fields').append(...fields.map((one) => one.node))
  byId('column-rows').append(...Object.entries(row.properties).map(([name, column]) => columnRow(name, column, row)))
  byId('form').addEventListener('input', showCurl)
  byId('form').addEventListener('submit', (event) => { event.preventDefault(); predict() })
  byId('copy').addEventListener('click', copyCurl)
  showCurl()
}

const kindOf = (column) => {
  const types = [].concat(column.type)
  return column.format === 'date-time' ? 'datetime' : types[0]
}

const field = (name, column, row) => {
  const kind = kindOf(column)
  const needed = row.required.includes(name)
  const control = kind === 'boolean' ? choice(['true', 'false'], needed) : textInput(name, column, kind)
  const example = row.example[name]
  control.value = example === null || example === undefined ? '' : String(example)
  control.name = name
  const hint = hintOf(column, needed)
  const problem = make('span', { className: 'problem' })
  const node = make('label', {}, name, make('small', { textContent: hint || '\u00a0' }), control, problem)
  if (column['x-categories'] && control.tagName === 'INPUT') {
    const list = make('datalist', { id: 'values-' + name })
    list.append(...column['x-categories'].map((value) => make('option', { value })))
    control.setAttribute('list', list.id)
    node.append(list)
  }
  return { name, node, control, problem, read: () => valueOf(control.value, kind) }
}

const choice = (values, needed) => {
  const select = make('select')
  select.append(...(needed ? values : ['', ...values]).map((value) => make('option', { value, textContent: value || 'missing' })))
  return select
}

const textInput = (name, column, kind) => {
  const numeric = kind === 'number' || kind === 'integer'
  return make('input', { type: numeric ? 'number' : 'text', step: kind === 'integer' ? '1' : 'any' })
}

const hintOf = (column, needed) => {
  const range = column['x-range']
  const parts = []
  if (range && kindOf(column) !== 'datetime') parts.push(round(range[0]) + ' to ' + round(range[1]))
  if (kindOf(column) === 'datetime') parts.push('ISO 8601')
  if (!needed) parts.push('may be empty')
  return parts.join(', ')
}

const round = (value) => Number(value.toPrecision(6)).toString()

const valueOf = (text, kind) => {
  if (text === '') return null
  if (kind === 'boolean') return text === 'true'
  return kind === 'number' || kind === 'integer' ? Number(text) : text
}

const currentRow = () => Object.fromEntries(fields.map((one) => [one.name, one.read()]))

const showCurl = () => {
  const body = JSON.stringify({ rows: [currentRow()] }, null, 2)
  byId('curl').textContent = 'curl ' + base + "predict \\\\\\n  -H 'content-type: application/json' \\\\\\n  -d " + quoted(body)
}

const copyCurl = async () => {
  await navigator.clipboard.writeText(byId('curl').textContent)
  byId('copy').textContent = 'Copied'
  setTimeout(() => { byId('copy').textContent = 'Copy' }, 1500)
}

const predict = async () => {
  const startMs = performance.now()
  try {
    const reply = await fetch(base + 'predict', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ rows: [currentRow()] }),
    })
    const body = await reply.json()
    const took = make('p', { className: 'quiet', textContent: 'HTTP ' + reply.status + ' in ' + (performance.now() - startMs).toFixed(1) + ' ms' })
    markProblems(body.error ? body.error.issues : [])
    byId('answer').replaceChildren(...(body.error ? failure(body.error) : answerOf(body.predictions[0])), took)
  } catch (error) {
    byId('answer').replaceChildren(make('p', { className: 'problem', textContent: 'The server does not answer: ' + error.message }))
  }
}

const answerOf = (answer) => {
  if (!answer.probabilities) return [make('p', { className: 'value', textContent: String(answer.prediction) })]
  const bars = Object.entries(answer.probabilities).sort((a, b) => b[1] - a[1]).map(([name, share]) => {
    const bar = make('i')
    bar.style.width = 100 * share + '%'
    return make('div', { className: 'bar' }, make('span', { textContent: name }), make('span', {}, bar), make('b', { textContent: (100 * share).toFixed(1) + ' %' }))
  })
  return [make('p', { className: 'value', textContent: answer.label }), ...bars]
}

const failure = (error) => [
  make('p', { className: 'problem', textContent: error.code + ': ' + error.message }),
  make('p', { className: 'quiet', textContent: error.remedy }),
]

const markProblems = (issues) => {
  for (const one of fields) {
    const issue = issues.find(({ path }) => path[2] === one.name)
    one.problem.textContent = issue ? issue.message : ''
    one.control.setAttribute('aria-invalid', String(Boolean(issue)))
  }
}

const columnRow = (name, column, row) => make('tr', {},
  make('td', { textContent: name }),
  make('td', { textContent: column['x-type'] }),
  make('td', { textContent: row.required.includes(name) ? 'yes' : 'no' }),
  make('td', { textContent: column.description }))

const routeOf = (path, method, route) => {
  const inside = make('div', {}, route.description ? make('p', { textContent: route.description }) : '')
  for (const [type, media] of Object.entries(route.requestBody ? route.requestBody.content : {})) {
    const example = media.schema.example ?? media.example
    if (example === undefined) continue
    const text = typeof example === 'string' ? example : JSON.stringify(example, null, 2)
    inside.append(make('p', { className: 'quiet', textContent: type }), make('pre', { textContent: text, tabIndex: 0 }))
  }
  const statuses = make('dl')
  for (const [status, reply] of Object.entries(route.responses ?? {}))
    statuses.append(make('dt', { textContent: status }), make('dd', { textContent: reply.description }))
  inside.append(statuses)
  return make('details', {},
    make('summary', {}, make('code', { className: 'method', textContent: method.toUpperCase() }),
      make('code', { textContent: path }), make('span', { textContent: route.summary ?? '' })), inside)
}

start().catch((error) => { byId('about').textContent = 'The description of the API cannot be read: ' + error.message })
`
