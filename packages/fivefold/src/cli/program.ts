import { Command, InvalidArgumentError, Option } from 'commander'
import { SERVING_SCOPES, TRACKING_SCOPES } from '../access/index.ts'
import { version } from '../core/index.ts'
import { SEMANTIC_TYPES } from '../data/index.ts'
import {
  cacheSize,
  DAY_MS,
  durationMs,
  fraction,
  instantMs,
  listValue,
  loggedRequests,
  wholeNumber,
} from './flag-values.ts'
import { withOperationsFlags } from './operations-flags.ts'

/** The command line. Each command loads its own code only when it runs, so that `--help` answers at once. */
export function createProgram({ quietUsageErrors }: { quietUsageErrors: boolean }): Command {
  const program = new Command('fivefold')
    .description('Production machine learning for TypeScript: profile, train, evaluate, serve and watch models.')
    .version(version)
    .showHelpAfterError('(run with --help for all flags)')
    .exitOverride()
    .configureOutput(quietUsageErrors ? { writeErr: () => {} } : {})
  addInit(program)
  addProfile(program)
  addRun(program)
  addValidate(program)
  addData(program)
  addPredict(program)
  addEvaluate(program)
  addServe(program)
  addDeploy(program)
  addUp(program)
  addTokens(program)
  addGc(program)
  addMonitor(program)
  addModels(program)
  addDoctor(program)
  return program
}

const seedFlag = (): Option =>
  new Option('--seed <n>', 'seed of everything random').argParser(wholeNumber(0, 2 ** 31 - 1))
const threadsFlag = (): Option =>
  new Option('--threads <n>', 'threads to use; results do not depend on it').argParser(wholeNumber(1, 256))
const jsonFlag = (): Option => new Option('--json', 'print one JSON document on stdout')
const quietFlag = (): Option => new Option('--quiet', 'no progress')
const outFlag = (description: string): Option => new Option('--out <dir>', description).default('fivefold-out')

/** How a file is read; the same flags wherever data is named. */
function withSourceFlags(command: Command): Command {
  return command
    .option('--columns <names...>', 'column names of a file without a header row', listValue)
    .addOption(
      new Option('--format <format>', 'file format, where the name does not tell').choices(['csv', 'parquet', 'jsonl']),
    )
    .option('--delimiter <char>', 'CSV delimiter, where the guess is wrong')
    .addOption(new Option('--encoding <encoding>', 'text encoding').choices(['utf-8', 'latin-1']))
    .addOption(new Option('--decimal <char>', 'decimal point').choices(['.', ',']))
    .option('--type <column=type...>', `semantic type of a column: ${SEMANTIC_TYPES.join(', ')}`, typeAssignments)
    .option('--where <sql>', 'only rows for which this holds')
}

function typeAssignments(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.lastIndexOf('=')
  if (at < 1) throw new InvalidArgumentError('expected column=type.')
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}

function addInit(program: Command): void {
  program
    .command('init')
    .description('make a project folder with a typed fivefold.config.ts')
    .argument('[folder]', 'folder to make', '.')
    .addOption(jsonFlag())
    .action(async (folder, flags) => (await import('./commands/init.ts')).initCommand(folder, flags))
}

function addProfile(program: Command): void {
  withSourceFlags(program.command('profile'))
    .description('phase 1: report on a table as HTML, notebook and JSON')
    .argument('<data>', 'file, glob or URL')
    .option('--target <column>', 'what is to be predicted')
    .option('--time <column>', 'column that orders the rows in time')
    .option('--protect <columns...>', 'columns whose groups are compared', listValue)
    .option('--out <dir>', 'folder of the report', 'fivefold-profile')
    .addOption(seedFlag())
    .addOption(jsonFlag())
    .addOption(quietFlag())
    .action(async (data, flags) => (await import('./commands/profile.ts')).profileCommand(data, flags))
}

function addRun(program: Command): void {
  withSourceFlags(program.command('run'))
    .description('phases 1 to 4 and registration, from fivefold.config.ts or from flags')
    .option('--config <file>', 'config file', 'fivefold.config.ts')
    .option('--data <source>', 'training data; without a config')
    .option('--target <column>', 'what is to be predicted')
    .addOption(new Option('--task <task>').choices(['auto', 'classification', 'regression']))
    .option('--test <source>', 'test data; takes the place of a split')
    .addOption(new Option('--split <kind>', 'how test rows are set aside').choices(['random', 'time', 'group']))
    .option('--time <column>', 'column of a time split')
    .option('--group <column>', 'column of a group split')
    .option('--test-fraction <share>', 'share of the rows that are test rows', fraction)
    .option('--text <columns...>', 'columns that hold running text', listValue)
    .option('--metric <name>', 'what decides between candidates')
    .option('--positive <class>', 'which of two classes precision, recall and the threshold are about')
    .option('--drop <columns...>', 'columns that are no features', listValue)
    .option('--protect <columns...>', 'columns whose groups are compared', listValue)
    .option('--budget <duration>', 'start no further candidate after this time, such as 60s', durationMs)
    .option('--name <name>', 'name in the model registry')
    .option('--from <stage>', 'redo this stage and later ones')
    .option('--only <stage>', 'end after this stage')
    .option('--out <dir>', 'folder of bundle and reports')
    .addOption(seedFlag())
    .addOption(threadsFlag())
    .addOption(jsonFlag())
    .addOption(quietFlag())
    .action(async (flags) => (await import('./commands/run.ts')).runCommand(flags))
}

function addValidate(program: Command): void {
  withSourceFlags(program.command('validate'))
    .description('hold a table against a validation schema; bad rows are set aside with reasons')
    .argument('<data>', 'file, glob or URL')
    .requiredOption('--schema <file>', 'validation schema; made from the data where the file does not exist')
    .option('--rejects <file>', 'where bad rows go (CSV, JSONL or Parquet by extension)')
    .addOption(jsonFlag())
    .addOption(quietFlag())
    .action(async (data, flags) => (await import('./commands/validate.ts')).validateCommand(data, flags))
}

function addData(program: Command): void {
  const data = program.command('data').description('versions of data')
  data
    .command('log')
    .description('list the snapshots, newest first')
    .addOption(storeFlag())
    .addOption(jsonFlag())
    .action(async (flags) => (await import('./commands/data.ts')).dataLogCommand(flags))
  data
    .command('diff')
    .description('what changed between two snapshots')
    .argument('<from>', 'version or unambiguous beginning of one')
    .argument('<to>')
    .addOption(storeFlag())
    .addOption(jsonFlag())
    .action(async (from, to, flags) => (await import('./commands/data.ts')).dataDiffCommand(from, to, flags))
}

const storeFlag = (): Option =>
  new Option('--store <dir>', 'folder of runs, registry and data versions').default('.fivefold')
const modelFlag = (): Option =>
  new Option('--model <model>', 'bundle folder, name@alias or name/version').makeOptionMandatory()

function addPredict(program: Command): void {
  withSourceFlags(program.command('predict'))
    .description('score a table; CSV, JSONL or Parquet by extension')
    .addOption(modelFlag())
    .requiredOption('--data <source>', 'rows to score')
    .requiredOption('--out <file>', 'where predictions go')
    .option('--keep <columns...>', 'columns of the data to write beside the predictions, such as keys', listValue)
    .addOption(storeFlag())
    .addOption(threadsFlag())
    .addOption(jsonFlag())
    .addOption(quietFlag())
    .action(async (flags) => (await import('./commands/predict.ts')).predictCommand(flags))
}

function addEvaluate(program: Command): void {
  withSourceFlags(program.command('evaluate'))
    .description('measure a model on labelled data, with intervals and a report')
    .addOption(modelFlag())
    .requiredOption('--data <source>', 'labelled rows')
    .option('--out <dir>', 'folder of the report', 'fivefold-evaluation')
    .addOption(storeFlag())
    .addOption(seedFlag())
    .addOption(jsonFlag())
    .addOption(quietFlag())
    .action(async (flags) => (await import('./commands/evaluate.ts')).evaluateCommand(flags))
}

function addServe(program: Command): void {
  const serve = program
    .command('serve')
    .description('serve models over HTTP')
    .option('--model <model>', 'bundle, ONNX file or folder, name@alias or name/version; name=path names it', several)
    .option('--models <dir>', 'folder of models, each a folder (with numbered versions, if any) or an ONNX file')
    .addOption(servingPortFlag())
    .option('--grpc-port <n>', 'serve gRPC as well, on this port; 0 takes a free one', wholeNumber(0, 65_535))
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--workers <n>', 'processes that share the port', wholeNumber(1, 256), 1)
    .option('--max-batch-rows <n>', 'most rows of one run of a model', wholeNumber(1, 1_000_000), 256)
    .option('--max-delay-ms <n>', 'how long a request may wait for others to share its run', wholeNumber(0, 60_000), 0)
    .option('--cache <n>', 'answers to keep for each model version, or redis:// to keep them there', cacheSize, 0)
    .option('--cache-ttl <duration>', 'how long an answer is kept in Redis', durationMs, 3_600_000)
    .option('--timeout <duration>', 'longest wait for an answer, such as 30s', durationMs, 30_000)
    .option('--deployment <file>', 'divide traffic among the models, as this file says')
    .option('--allow-management', 'let callers load and unload models, and change deployments')
    .option('--tokens <file>', 'callers need a token of this file; see `fivefold tokens add --file`')
    .option('--rate-limit <rate>', 'most requests of a token, or of an address without one, such as 100/s or 5000/h')
    .option('--open-to-all', 'let other machines in without a token')
    .addOption(
      new Option(
        '--log-requests <which>',
        'a JSON line for all requests, errors, or errors and a share such as 0.01',
      ).argParser(loggedRequests),
    )
    .option('--tls-cert <file>', 'serve over TLS with this certificate (PEM); read again when it changes')
    .option('--tls-key <file>', 'private key of the certificate (PEM)')
    .option('--tls-client-ca <file>', 'only clients with a certificate of one of these authorities (PEM)')
    .option('--label <name:label=version>', 'label of a version, for paths of TensorFlow Serving', several)
    .option('--log <dir>', 'keep a prediction log in this folder')
    .option('--jobs <dir>', 'take files to predict on, kept in this folder')
  withOperationsFlags(serve)
    .addOption(storeFlag())
    .addOption(jsonFlag())
    .action(async (flags) => (await import('./commands/serve.ts')).serveCommand(flags))
}

/** Vertex AI tells its containers the port. */
const servingPortFlag = (): Option =>
  new Option('--port <n>', 'port; 0 takes a free one')
    .argParser(wholeNumber(0, 65_535))
    .env('AIP_HTTP_PORT')
    .default(8080)

function addDeploy(program: Command): void {
  program
    .command('deploy')
    .description('write everything that it takes to run a model on a platform, with a runbook')
    .addOption(modelFlag())
    .addOption(
      new Option('--target <platform>', 'where it shall run')
        .choices(['docker', 'compose', 'kubernetes', 'kserve', 'sagemaker', 'vertex', 'azureml', 'lambda', 'systemd'])
        .makeOptionMandatory(),
    )
    .option('--out <dir>', 'folder to write', 'fivefold-deploy')
    .option('--name <name>', 'name of the service')
    .option('--port <n>', 'port of the service', wholeNumber(1024, 65_535), 8080)
    .option('--image <image>', 'container image with its tag')
    .option('--replicas <n>', 'instances at least', wholeNumber(1, 1000), 2)
    .option('--cpu <cores>', 'cores for each instance, such as 1, 0.5 or 500m', '1')
    .option('--memory <size>', 'memory for each instance, such as 512Mi or 1Gi', '1Gi')
    .addOption(new Option('--arch <arch>', 'processor of the platform').choices(['x64', 'arm64']).default('x64'))
    .option('--storage-uri <uri>', 'where KServe or SageMaker fetches the bundle from')
    .option('--package <tarball>', 'packed Fivefold to install, in place of the release of the npm registry')
    .option('--force', 'replace the folder whatever it holds')
    .addOption(storeFlag())
    .addOption(jsonFlag())
    .action(async (flags) => (await import('./commands/deploy.ts')).deployCommand(flags))
}

/** One value each time that the flag is given. */
const several = (text: string, before: readonly string[] = []): string[] => [...before, text]

const trackingStoreFlag = (): Option =>
  new Option('--store <store>', 'folder of runs and registry, SQLite file, or postgres://...').default('.fivefold')

const artifactsFlag = (): Option =>
  new Option('--artifacts <place>', 'folder or s3://bucket/prefix of artifacts and models, where not beside the store')

function addUp(program: Command): void {
  program
    .command('up')
    .description("serve the runs and the registry to MLflow's clients")
    .option('--port <n>', 'port; 0 takes a free one', wholeNumber(0, 65_535), 5000)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .addOption(trackingStoreFlag())
    .addOption(artifactsFlag())
    .option('--artifacts-moved', 'everything was copied to --artifacts, which is another place than before')
    .option('--open-to-all', 'let other machines in without a token')
    .option('--serving <url>', 'a server of models that the console shows; may be given several times', several)
    .addOption(jsonFlag())
    .action(async (flags) => (await import('./commands/up.ts')).upCommand(flags))
}

const tokenFileFlag = (): Option =>
  new Option('--file <file>', 'tokens of `fivefold serve --tokens`, in a file of their own')

function addTokens(program: Command): void {
  const tokens = program.command('tokens').description('who may call a server from other machines')
  tokens
    .command('add')
    .description('make a token and print it; it cannot be shown again')
    .argument('<name>')
    .addOption(
      new Option(
        '--scope <scope>',
        'what it allows: read, write (tracking); observe, predict (--file); or admin',
      ).choices([...new Set([...TRACKING_SCOPES, ...SERVING_SCOPES])]),
    )
    .option('--rate-limit <rate>', 'with --file: its own limit, such as 100/s, or none')
    .addOption(trackingStoreFlag())
    .addOption(tokenFileFlag())
    .addOption(jsonFlag())
    .action(async (name, flags) => (await import('./commands/tokens.ts')).tokensAddCommand(name, flags))
  tokens
    .command('list')
    .addOption(trackingStoreFlag())
    .addOption(tokenFileFlag())
    .addOption(jsonFlag())
    .action(async (flags) => (await import('./commands/tokens.ts')).tokensListCommand(flags))
  tokens
    .command('revoke')
    .argument('<name>')
    .addOption(trackingStoreFlag())
    .addOption(tokenFileFlag())
    .addOption(jsonFlag())
    .action(async (name, flags) => (await import('./commands/tokens.ts')).tokensRevokeCommand(name, flags))
}

function addGc(program: Command): void {
  program
    .command('gc')
    .description('remove deleted runs and logged models for good, and content that nothing names any more')
    .addOption(
      new Option('--older-than <duration>', 'only what was deleted at least so long ago')
        .argParser(durationMs)
        .default(30 * DAY_MS, '30d'),
    )
    .option('--dry-run', 'only say what would go')
    .addOption(trackingStoreFlag())
    .addOption(artifactsFlag())
    .addOption(jsonFlag())
    .action(async (flags) => (await import('./commands/gc.ts')).gcCommand(flags))
}

function addMonitor(program: Command): void {
  withSourceFlags(program.command('monitor'))
    .description('drift of current data against a reference, at a stated false-alarm rate')
    .requiredOption('--reference <source>', 'reference data, or a model: bundle folder, name@alias or name/version')
    .addOption(storeFlag())
    .requiredOption('--current <source>', 'current data, or the folder of a prediction log')
    .option('--since <time>', 'only predictions logged from this time on (ISO 8601)', instantMs)
    .option('--until <time>', 'only predictions logged before this time', instantMs)
    .option('--false-alarm-rate <share>', 'chance of any alarm where nothing drifts', fraction, 0.05)
    .option('--fail-on-drift', 'exit with 3 where there is drift')
    .addOption(outFlag('folder of the report'))
    .addOption(seedFlag())
    .addOption(jsonFlag())
    .addOption(quietFlag())
    .action(async (flags) => (await import('./commands/monitor.ts')).monitorCommand(flags))
}

function addModels(program: Command): void {
  const models = program.command('models').description('the model registry')
  models
    .command('list')
    .description('models, versions and aliases')
    .addOption(storeFlag())
    .addOption(jsonFlag())
    .action(async (flags) => (await import('./commands/models.ts')).modelsListCommand(flags))
  models
    .command('alias')
    .description('point an alias such as champion at a version; for promotion and roll-back')
    .argument('<model>', 'name/version')
    .argument('<alias>')
    .addOption(storeFlag())
    .addOption(jsonFlag())
    .action(async (model, alias, flags) =>
      (await import('./commands/models.ts')).modelsAliasCommand(model, alias, flags),
    )
}

function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check that this machine can do the work')
    .addOption(jsonFlag())
    .action(async (flags) => (await import('./commands/doctor.ts')).doctorCommand(flags))
}
