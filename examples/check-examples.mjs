/**
 * Runs every example of this folder and of the documentation, and holds the documentation against what it describes.
 * `node --test examples/check-examples.mjs`, after `npm run build`.
 */
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createProgram } from '../packages/fivefold/dist/cli/program.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const cli = join(root, 'packages/fivefold/dist/cli/main.js')
const jiti = join(root, 'node_modules/jiti/lib/jiti-cli.mjs')
const library = (await readdir(join(root, 'examples/library'))).filter((name) => name.endsWith('.ts'))

const guide = (await readdir(join(root, 'examples/neural/guide'))).filter((name) => name.endsWith('.ts'))

/** A folder in which `node_modules/...` is there and all that is written can be thrown away. */
async function makeFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'fivefold-examples-'))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir')
  return folder
}

const run = (folder, ...args) =>
  promisify(execFile)(process.execPath, args, { cwd: folder, env: { ...process.env, TMPDIR: folder } })

const readRoot = (path) => readFile(join(root, path), 'utf8')

/** Fenced blocks that stand right after a marker comment. */
const markedBlocks = (text, marker) =>
  [...text.matchAll(new RegExp(`<!-- ${marker} -->\\n\`\`\`\\w+\\n([\\s\\S]*?)\`\`\``, 'g'))].map((match) =>
    match.slice(1),
  )

describe('library examples', () => {
  let folder
  before(async () => {
    folder = await makeFolder()
  })
  after(() => rm(folder, { recursive: true, force: true }))

  it('agree with the types', () => run(root, join(root, 'node_modules/typescript/bin/tsc'), '-p', 'examples'))

  const programs = library.filter((name) => name !== 'nearest-mean.ts').map((name) => `examples/library/${name}`)
  for (const path of [...programs, 'examples/quick-start/main.ts'])
    it(path, async () => {
      const { stdout } = await run(folder, jiti, join(root, path))
      assert.ok(stdout.trim().length > 0, 'printed nothing')
    })

  it('are there for every public entry', async () => {
    const { exports } = JSON.parse(await readRoot('packages/fivefold/package.json'))
    const entries = Object.keys(exports).filter((entry) => !['.', './package.json'].includes(entry))
    assert.deepEqual(
      entries.filter((entry) => !library.includes(`${entry.slice(2)}.ts`)),
      [],
    )
  })
})

describe('neural recipes', () => {
  let folder
  before(async () => {
    folder = await makeFolder()
  })
  after(() => rm(folder, { recursive: true, force: true }))
  for (const recipe of ['cnn', 'recurrent', 'transformer', 'gan'])
    it(`${recipe} learns, draws its curve and leaves a model`, async () => {
      const { stdout } = await run(folder, jiti, join(root, `examples/neural/${recipe}.ts`), '--quick')
      const left = [...stdout.matchAll(/^(?:picture|model): (.+)$/gm)].map(([, path]) => path)
      assert.deepEqual(
        [`${recipe}-loss.svg`, `${recipe}.onnx`].filter((name) => !left.some((path) => path.endsWith(name))),
        [],
      )
      for (const path of left) {
        const content = await readFile(join(folder, path))
        if (path.endsWith('.svg')) assert.match(content.toString(), /^<svg [\s\S]*<\/svg>$/)
        else assert.ok(content.length > 1000, `${path} is empty`)
      }
    })
})

describe('neural guide', () => {
  let folder
  before(async () => {
    folder = await makeFolder()
  })
  after(() => rm(folder, { recursive: true, force: true }))
  for (const name of guide)
    it(name, async () => {
      await run(folder, jiti, join(root, 'examples/neural/guide', name))
    })

  it('docs/neural.md shows all of it', async () => {
    const shown = markedBlocks(await readRoot('docs/neural.md'), 'example: (\\S+)').map(([path]) => path)
    assert.deepEqual([...shown].sort(), [...guide.map((name) => `examples/neural/guide/${name}`)].sort())
  })
})

describe('examples in the documentation', () => {
  for (const page of ['README.md', 'docs/library.md', 'docs/neural.md', 'docs/serving.md'])
    it(`${page} shows them as they are`, async () => {
      const blocks = markedBlocks(await readRoot(page), 'example: (\\S+)')
      assert.ok(blocks.length > 0, 'no example is marked')
      for (const [path, code] of blocks) assert.equal(code, await readRoot(path), `${page} differs from ${path}`)
    })

  it('docs/library.md and docs/serving.md show all of them', async () => {
    const pages = (await readRoot('docs/library.md')) + (await readRoot('docs/serving.md'))
    const shown = markedBlocks(pages, 'example: (\\S+)').map(([path]) => path)
    assert.deepEqual([...shown].sort(), [...library.map((name) => `examples/library/${name}`)].sort())
  })
})

describe('docs/serving.md', () => {
  let folder
  let server
  const port = 20_000 + (process.pid % 20_000)
  /** The command as it stands there, but for the port and for where this build lies. */
  const command = (text) =>
    text.replaceAll('8080', String(port)).replaceAll('npx fivefold', `exec '${process.execPath}' '${cli}'`)
  before(async () => {
    folder = await makeFolder()
    const page = await readRoot('docs/serving.md')
    for (const [name, content] of markedBlocks(page, 'file: (\\S+)')) await writeFile(join(folder, name), content)
    const [[start]] = markedBlocks(page, 'server')
    server = spawn('bash', ['-ec', command(start)], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
    for await (const chunk of server.stdout) if (String(chunk).includes('serving')) break
  })
  after(async () => {
    server.kill('SIGTERM')
    await rm(folder, { recursive: true, force: true })
  })

  it('gives the answers that it shows', async () => {
    const page = await readRoot('docs/serving.md')
    const shown = [...page.matchAll(/<!-- shell -->\n```sh\n([\s\S]*?)```\n<!-- answer -->\n```json\n([\s\S]*?)```/g)]
    assert.ok(shown.length > 3)
    for (const [, commands, answers] of shown) {
      const asked = commands.replaceAll('curl ', "curl -s -w '\\n' ")
      const { stdout } = await promisify(execFile)('bash', ['-ec', command(asked)], { cwd: folder })
      assert.deepEqual(jsonLines(stdout), jsonLines(answers))
    }
  })
})

/** Documents of one line each, without what differs from one request to the next. */
function jsonLines(text) {
  const documents = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  for (const document of documents) delete document.requestId
  return documents
}

describe('docs/cli.md', async () => {
  const page = await readRoot('docs/cli.md')
  const sections = new Map(
    page.split(/^## /m).map((section) => [section.slice(0, section.indexOf('\n')).trim(), section]),
  )
  const flagsOf = (text) => [...text.matchAll(/^\| `(--[\w-]+(?: <[^`]+>)?)`/gm)].map((match) => match[1])
  const sourceFlags = flagsOf(sections.get('Source flags'))
  const leaves = (command, path) =>
    command.commands.length === 0
      ? [[path, command]]
      : command.commands.flatMap((child) => leaves(child, `${path} ${child.name()}`))
  const commands = leaves(createProgram({ quietUsageErrors: true }), 'fivefold')

  it('describes every command and no other', () => {
    const described = [...sections.keys()].filter((title) => title.startsWith('fivefold '))
    assert.deepEqual(described.sort(), commands.map(([path]) => path).sort())
  })

  for (const [path, command] of commands)
    it(`describes the flags of ${path}`, () => {
      const section = sections.get(path) ?? ''
      const described = [...flagsOf(section), ...(section.includes('(#source-flags)') ? sourceFlags : [])]
      assert.deepEqual(described.sort(), command.options.map((option) => option.flags).sort())
      for (const argument of command.registeredArguments) {
        const shown = argument.required ? `<${argument.name()}>` : `[${argument.name()}]`
        assert.ok(section.includes(`\`${shown}\``), `${shown} is not described`)
      }
    })
})

/** 600 customers, and 200 new ones who call more often; the same bytes every time. */
async function writeCustomers(folder) {
  let state = 7
  const next = () => {
    state = (state * 48271) % 2147483647
    return state / 2147483647
  }
  const row = (_, i, moreCalls) => {
    const months = Math.floor(next() * 60)
    const plan = ['basic', 'plus', 'pro'][Math.floor(next() * 3)]
    const calls = Math.floor(next() * 8 + moreCalls)
    const churned = next() < 1 / (1 + Math.exp(0.08 * months - 0.5 * calls + (plan === 'pro' ? 1.5 : 0)))
    const day = new Date(Date.UTC(2024, 0, 1 + i)).toISOString().slice(0, 10)
    return [day, months, plan, calls, next() < 0.5 ? 'f' : 'm', churned ? 'yes' : 'no'].join(',')
  }
  const header = 'signed_up,months,plan,support_calls,sex,churned'
  const rows = (count, moreCalls) => Array.from({ length: count }, (_, i) => row(_, i, moreCalls))
  await writeFile(join(folder, 'customers.csv'), [header, ...rows(600, 0), ''].join('\n'))
  await writeFile(join(folder, 'new.csv'), [header, ...rows(200, 3), ''].join('\n'))
}

/** The words of a shell line; quotes hold a word together. */
const words = (line) => [...line.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2])

/** Which versions there are is known only when they are: the two newest take the place of those on the page. */
async function argumentsOf(folder, line) {
  const [, , ...args] = words(line)
  if (args[0] !== 'data' || args[1] !== 'diff') return args
  const { stdout } = await run(folder, cli, 'data', 'log', '--json')
  const [newest, before] = JSON.parse(stdout)
  return ['data', 'diff', before.hash.slice(7, 19), newest.hash.slice(7, 19)]
}

/** Starts the server on a free port, asks it what the page asks, and ends it. */
async function serveAndAsk(folder, serveLine, askLine) {
  const [, , ...args] = words(serveLine)
  if (args.includes('--port')) args.splice(args.indexOf('--port'), 2)
  const server = spawn(process.execPath, [cli, ...args, '--port', '0', '--json'], { cwd: folder })
  try {
    let text = ''
    for await (const piece of server.stdout) {
      text += piece
      if (text.includes('}\n')) break
    }
    const { url } = JSON.parse(text)
    if (askLine) {
      const asked = words(askLine)
      const headers = { 'content-type': 'application/json' }
      const { pathname } = new URL(asked[1])
      const response = await fetch(url + pathname, { method: 'POST', headers, body: asked[asked.indexOf('-d') + 1] })
      assert.equal(response.status, 200)
      assert.match((await response.json()).predictions[0].label, /^(yes|no)$/)
    } else assert.equal((await fetch(`${url}/readyz`)).status, 200)
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGTERM')
    assert.equal(await ended, 0)
  } finally {
    server.kill('SIGKILL')
  }
}

for (const page of ['docs/cli.md', 'docs/deploy.md', 'README.md'])
  describe(`commands of ${page}`, async () => {
    const text = await readRoot(page)
    const lines = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => block.split('\n'))
    let folder
    before(async () => {
      folder = await makeFolder()
      await writeCustomers(folder)
    })
    after(() => rm(folder, { recursive: true, force: true }))
    for (const [at, line] of lines.entries()) {
      if (!line.startsWith('npx fivefold')) continue
      it(line, async () => {
        const next = lines[at + 1]?.startsWith('curl ') ? lines[at + 1] : undefined
        if (line.startsWith('npx fivefold serve')) await serveAndAsk(folder, line, next)
        else await run(folder, cli, ...(await argumentsOf(folder, line)))
      })
    }
  })
