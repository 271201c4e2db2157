/**
 * Runs the steps of a Dockerfile without a daemon: each stage is a folder, the base image is this machine. ARG, FROM,
 * WORKDIR, COPY, RUN, ENV, USER, HEALTHCHECK and CMD are carried out or remembered; what a step does outside of its
 * stage's folder is not caught.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, isAbsolute, join, relative } from 'node:path'
import { DockerfileParser } from 'dockerfile-ast'

/** Builds `context` below `workspace`; gives the folder, the environment and the commands of the last stage. */
export function buildImage(context, workspace) {
  const dockerfile = DockerfileParser.parse(readFileSync(join(context, 'Dockerfile'), 'utf8'))
  const stages = []
  for (const instruction of dockerfile.getInstructions()) {
    const keyword = instruction.getKeyword()
    if (keyword === 'ARG' && stages.length === 0) continue
    if (keyword === 'FROM') {
      const root = join(workspace, `stage-${stages.length}`)
      mkdirSync(root, { recursive: true })
      stages.push({ name: instruction.getBuildStage(), root, folder: root, env: {}, size: 0 })
    } else STEPS[keyword](stages.at(-1), instruction, { context, stages })
  }
  return stages.at(-1)
}

const inStage = (stage, path) => (isAbsolute(path) ? join(stage.root, path) : join(stage.folder, path))

const STEPS = {
  LABEL: () => {},
  EXPOSE: () => {},
  STOPSIGNAL: () => {},
  WORKDIR(stage, instruction) {
    stage.folder = inStage(stage, instruction.getArgumentsContent())
    mkdirSync(stage.folder, { recursive: true })
  },
  COPY(stage, instruction, { context, stages }) {
    const from = instruction
      .getFlags()
      .find((flag) => flag.getName() === 'from')
      ?.getValue()
    const [source, target] = instruction.getArguments().map((argument) => argument.getValue())
    const to = inStage(stage, target)
    if (from) {
      const origin = stages.find(({ name }) => name === from)
      cpSync(join(origin.root, source), to, { recursive: true, verbatimSymlinks: true })
    } else copyFromContext(context, source, to)
  },
  RUN(stage, instruction) {
    const script = instruction.getArgumentsContent()
    const env = { ...process.env, npm_config_prefer_offline: 'true', ...stage.env }
    const { status, stderr } = spawnSync('/bin/sh', ['-ec', script], { cwd: stage.folder, env, encoding: 'utf8' })
    if (status !== 0) throw new Error(`RUN ${script}\nended with ${status}: ${stderr}`)
  },
  ENV(stage, instruction) {
    for (const property of instruction.getProperties()) stage.env[property.getName()] = property.getValue()
  },
  USER(stage, instruction) {
    stage.user = instruction.getArgumentsContent()
  },
  HEALTHCHECK(stage, instruction) {
    stage.healthCheck = JSON.parse(/CMD\s+(\[[\s\S]*\])/.exec(instruction.getArgumentsContent())[1])
  },
  CMD(stage, instruction) {
    stage.command = JSON.parse(instruction.getArgumentsContent())
  },
}

function copyFromContext(context, source, to) {
  const isSent = ignoreRules(join(context, '.dockerignore'))
  const from = join(context, source)
  if (!existsSync(from)) throw new Error(`COPY ${source}: not in the context`)
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (!entry.isFile() || !isSent(relative(context, path))) continue
    const target = join(to, relative(from, path))
    mkdirSync(dirname(target), { recursive: true })
    cpSync(path, target)
  }
}

/** The last rule that fits decides. Patterns are `*` or paths, which stand for all below them. */
function ignoreRules(file) {
  const rules = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => ({ isSent: line.startsWith('!'), pattern: line.replace(/^!/, '') }))
  const fits = (pattern, path) => pattern === '*' || path === pattern || path.startsWith(`${pattern}/`)
  return (path) => rules.findLast(({ pattern }) => fits(pattern, path))?.isSent ?? true
}
