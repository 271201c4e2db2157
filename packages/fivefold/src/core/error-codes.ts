/**
 * The closed registry of everything that Fivefold can report as an error.
 * `docs/errors.md` carries the same table; a test holds the two together.
 */

/** What kind of failure a code is; decides exit code, HTTP status and gRPC status. */
export type ErrorCategory =
  | 'usage'
  | 'input'
  | 'notFound'
  | 'conflict'
  | 'limit'
  | 'unauthenticated'
  | 'denied'
  | 'throttled'
  | 'unavailable'
  | 'timeout'
  | 'cancelled'
  | 'internal'

/** How each category shows outside the process. gRPC numbers are the canonical status codes. */
export const CATEGORY_STATUS = {
  usage: { exitCode: 2, httpStatus: 400, grpcStatus: 3 },
  input: { exitCode: 1, httpStatus: 422, grpcStatus: 3 },
  notFound: { exitCode: 1, httpStatus: 404, grpcStatus: 5 },
  conflict: { exitCode: 1, httpStatus: 409, grpcStatus: 6 },
  limit: { exitCode: 1, httpStatus: 413, grpcStatus: 8 },
  unauthenticated: { exitCode: 1, httpStatus: 401, grpcStatus: 16 },
  denied: { exitCode: 1, httpStatus: 403, grpcStatus: 7 },
  throttled: { exitCode: 1, httpStatus: 429, grpcStatus: 8 },
  unavailable: { exitCode: 1, httpStatus: 503, grpcStatus: 14 },
  timeout: { exitCode: 1, httpStatus: 504, grpcStatus: 4 },
  cancelled: { exitCode: 130, httpStatus: 499, grpcStatus: 1 },
  internal: { exitCode: 1, httpStatus: 500, grpcStatus: 13 },
} as const satisfies Record<ErrorCategory, { exitCode: number; httpStatus: number; grpcStatus: number }>

interface ErrorEntry {
  readonly category: ErrorCategory
  /** What happened, in general; the message of an error says what happened in particular. */
  readonly meaning: string
  /** What to do about it. */
  readonly remedy: string
}

export const ERROR_CODES = {
  CLI_USAGE: {
    category: 'usage',
    meaning: 'The command line is not understood.',
    remedy: 'Run the command with --help.',
  },
  CONFIG_INVALID: {
    category: 'usage',
    meaning: 'The configuration has unknown keys or values of the wrong kind.',
    remedy: 'Correct the keys that the issues name; every key is described in docs/config.md.',
  },
  CONFIG_UNREADABLE: {
    category: 'usage',
    meaning: 'The configuration file cannot be found or does not load.',
    remedy: 'Check the path, and that the file default-exports defineProject({...}).',
  },
  OPTION_INVALID: {
    category: 'usage',
    meaning: 'An option has a value outside what it accepts.',
    remedy: 'Use a value in the range that the message names.',
  },
  DATA_NOT_FOUND: {
    category: 'notFound',
    meaning: 'No file or table matches the source.',
    remedy: 'Check the path, glob, table name or URL.',
  },
  DATA_UNREADABLE: {
    category: 'input',
    meaning: 'The source exists and cannot be read as the format that it claims.',
    remedy:
      'Look at the row and column that the message names; pass --format, --delimiter or --encoding where the guess was wrong.',
  },
  DATA_EMPTY: {
    category: 'input',
    meaning: 'The source has no rows.',
    remedy: 'Check that the export finished and that filters leave rows.',
  },
  DATA_COLUMN_UNKNOWN: {
    category: 'input',
    meaning: 'A named column is not in the data.',
    remedy: 'Use one of the columns that the message lists; names are matched exactly.',
  },
  DATA_COLUMN_DUPLICATE: {
    category: 'input',
    meaning: 'Two columns have the same name.',
    remedy: 'Rename one of them, or give names with --columns.',
  },
  DATA_TYPE_MISMATCH: {
    category: 'input',
    meaning: 'A column holds values that its declared type does not allow.',
    remedy: 'Correct the values, or declare another type in the config under data.types.',
  },
  DATA_SCHEMA_VIOLATION: {
    category: 'input',
    meaning: 'Rows break the validation schema.',
    remedy: 'See the file of set-aside rows for each reason; correct the data or edit the schema.',
  },
  DATA_QUERY_INVALID: {
    category: 'usage',
    meaning: 'An SQL expression over the data cannot be run.',
    remedy:
      'Correct the expression; columns are named as in the schema, in double quotes where they are not plain words.',
  },
  DATA_VERSION_UNKNOWN: {
    category: 'notFound',
    meaning: 'No such data version.',
    remedy: 'List the versions with fivefold data log.',
  },
  PROBLEM_TARGET_UNUSABLE: {
    category: 'input',
    meaning: 'The target column cannot be learned from: one class, all missing, or too few rows.',
    remedy: 'Choose another target or task, or collect rows of the missing class.',
  },
  PROBLEM_NO_FEATURES: {
    category: 'input',
    meaning: 'No usable feature column is left.',
    remedy: 'Keep more columns: identifiers, constants and the target are not features.',
  },
  PROBLEM_TASK_UNSUPPORTED: {
    category: 'usage',
    meaning: 'The task is not one that this command trains.',
    remedy: 'Use one of the tasks that the message lists.',
  },
  METRIC_UNKNOWN: {
    category: 'usage',
    meaning: 'No metric has this name for the task.',
    remedy: 'Use one of the metrics that the message lists.',
  },
  METRIC_INPUT: {
    category: 'input',
    meaning: 'A metric was given values that it is not defined for.',
    remedy: 'Check lengths, label ranges and that all values are finite.',
  },
  SPLIT_IMPOSSIBLE: {
    category: 'input',
    meaning: 'The rows cannot be split as asked.',
    remedy: 'Use fewer folds, another split, or more rows of the rarest class.',
  },
  FEATURE_INVALID: {
    category: 'usage',
    meaning: 'A feature step does not fit the column that it is given.',
    remedy: 'Choose a step that accepts the column’s type.',
  },
  GRAPH_INVALID: {
    category: 'input',
    meaning: 'A model graph is malformed.',
    remedy: 'See the node that the message names; export the model again.',
  },
  GRAPH_UNSUPPORTED: {
    category: 'input',
    meaning: 'A model graph uses an operator or type that is not supported here.',
    remedy: 'Export with standard operators, opset 13 or newer.',
  },
  PROVIDER_UNAVAILABLE: {
    category: 'unavailable',
    meaning: 'The execution provider is not in this installation of ONNX Runtime, or finds no device.',
    remedy: 'Use the provider cpu, or install the drivers and the build of ONNX Runtime that the provider needs.',
  },
  TRAIN_INPUT: {
    category: 'input',
    meaning: 'Training data does not have the shape or range that the engine needs.',
    remedy: 'See the message for the column or row.',
  },
  TRAIN_DIVERGED: {
    category: 'input',
    meaning: 'Training produced values that are not finite.',
    remedy: 'Lower the learning rate, scale the features, or check for extreme values.',
  },
  TRAIN_NO_CANDIDATE: {
    category: 'input',
    meaning: 'No candidate model finished within the budget and constraints.',
    remedy: 'Raise the budget or relax the latency and size constraints.',
  },
  CHECKPOINT_INVALID: {
    category: 'input',
    meaning: 'A training checkpoint is damaged, or does not fit the network and optimiser that shall go on from it.',
    remedy: 'Go on with the network, optimiser and data that wrote the checkpoint, or begin anew.',
  },
  CHECKPOINT_VERSION: {
    category: 'input',
    meaning: 'The checkpoint was written in a format version that this release does not read.',
    remedy: 'Use a release that reads the version that the message names.',
  },
  BUNDLE_INVALID: {
    category: 'input',
    meaning: 'The folder is not a complete model bundle, or a file in it was changed.',
    remedy: 'Write the bundle again, or restore it from the registry.',
  },
  BUNDLE_VERSION: {
    category: 'input',
    meaning: 'The bundle was written in a format version that this release does not read.',
    remedy: 'Use a release that reads the version that the message names.',
  },
  MODEL_NOT_FOUND: {
    category: 'notFound',
    meaning: 'No such model, version or alias.',
    remedy: 'List the models of the registry, or pass the path of a bundle.',
  },
  MODEL_NOT_READY: {
    category: 'unavailable',
    meaning: 'The model is being loaded, or could not be loaded.',
    remedy: 'Try again after the time in Retry-After; GET /v2/repository/index says why a model failed.',
  },
  MODEL_INPUT: {
    category: 'input',
    meaning: 'Rows do not fit the input schema of the model.',
    remedy: 'See the row and column of each issue; GET /openapi.json describes the input.',
  },
  EXPLANATION_UNAVAILABLE: {
    category: 'input',
    meaning: 'The model that is served cannot say why it answered.',
    remedy: 'Ask a version of a bundle by its own name, not an ONNX model or a deployment.',
  },
  MODEL_UNREADABLE: {
    category: 'input',
    meaning: 'A model file of another library is damaged or not of that format.',
    remedy: 'Save the model again with that library, in a format that docs/library.md lists.',
  },
  MODEL_UNSUPPORTED: {
    category: 'input',
    meaning: 'A model uses something that the other side of an import or export cannot express.',
    remedy: 'Train without the feature that the message names, or export to ONNX instead.',
  },
  DEPLOYMENT_NOT_FOUND: {
    category: 'notFound',
    meaning: 'No such deployment.',
    remedy: 'List the deployments with GET /deployments.',
  },
  JOB_NOT_FOUND: {
    category: 'notFound',
    meaning: 'No such job, or one whose files have expired.',
    remedy: 'Use the id that the server answered when the file was sent; a job is kept for a day after its end.',
  },
  JOB_NOT_DONE: {
    category: 'conflict',
    meaning: 'The job has no answers: it has not ended yet, or it failed.',
    remedy: 'Look at the state of the job; where it failed, the error says why.',
  },
  RUN_NOT_FOUND: {
    category: 'notFound',
    meaning: 'No such run or experiment.',
    remedy: 'List the runs of the tracking store.',
  },
  ARTIFACT_NOT_FOUND: {
    category: 'notFound',
    meaning: 'No such artifact or upload.',
    remedy: 'List the artifacts of the run; an upload that was completed or aborted has to be begun again.',
  },
  ARTIFACT_DAMAGED: {
    category: 'input',
    meaning: 'What is stored of an artifact or model is not what was written.',
    remedy: 'Log or register it again; somebody or something changed the storage.',
  },
  TRACE_NOT_FOUND: {
    category: 'notFound',
    meaning: 'No such trace or assessment.',
    remedy: 'Search the traces of the experiment.',
  },
  STORE_CONFLICT: {
    category: 'conflict',
    meaning: 'The store already holds another value under this name.',
    remedy: 'Use another name, or delete the old entry first.',
  },
  STORE_UNAVAILABLE: {
    category: 'unavailable',
    meaning: 'The store cannot be opened or written.',
    remedy: 'Check the path or URL, permissions and free space.',
  },
  STORAGE_FULL: {
    category: 'unavailable',
    meaning: 'The disk is full.',
    remedy: 'Free space and run again; finished stages are kept and nothing half-written remains.',
  },
  STORAGE_DENIED: {
    category: 'unavailable',
    meaning: 'A file or folder may not be written or read.',
    remedy: 'Check its permissions, or choose another output folder.',
  },
  OUTPUT_EXISTS: {
    category: 'conflict',
    meaning: 'The output folder holds something that would be lost.',
    remedy: 'Choose another --out, or pass --force to replace the folder.',
  },
  PORT_IN_USE: {
    category: 'conflict',
    meaning: 'The port is taken.',
    remedy: 'Pass another --port, or 0 for a free one.',
  },
  REQUEST_INVALID: {
    category: 'usage',
    meaning: 'The request is not well-formed.',
    remedy: 'See the issues, and the API page under /docs.',
  },
  REQUEST_NOT_FOUND: {
    category: 'notFound',
    meaning: 'No answered request has this id, or none that is still remembered.',
    remedy: 'Report outcomes under the x-request-id of the answer; a deployment remembers its latest 200,000 requests.',
  },
  REQUEST_TOO_LARGE: {
    category: 'limit',
    meaning: 'The request exceeds a size limit.',
    remedy: 'Send fewer rows a request.',
  },
  UNAUTHENTICATED: {
    category: 'unauthenticated',
    meaning: 'The server answers holders of a token only.',
    remedy: 'Send Authorization: Bearer TOKEN; fivefold tokens add makes one.',
  },
  PERMISSION_DENIED: {
    category: 'denied',
    meaning: 'The caller is known and may not do this.',
    remedy: 'Use a token with the scope that the message names.',
  },
  RATE_LIMITED: {
    category: 'throttled',
    meaning: 'The caller sends more requests than its limit allows.',
    remedy: 'Try again after the time in Retry-After.',
  },
  TOKENS_INVALID: {
    category: 'usage',
    meaning: 'The file of tokens cannot be read, or holds none.',
    remedy: 'Make one with fivefold tokens add NAME --file FILE.',
  },
  CERTIFICATE_INVALID: {
    category: 'usage',
    meaning: 'Certificate and key for TLS cannot be read, or do not belong together.',
    remedy: 'Use PEM files: the certificate with its chain, leaf first, and its private key without a passphrase.',
  },
  SERVER_OVERLOADED: {
    category: 'unavailable',
    meaning: 'The server has more work waiting than it accepts.',
    remedy: 'Try again after the time in Retry-After.',
  },
  TIMEOUT: {
    category: 'timeout',
    meaning: 'There was no answer in time.',
    remedy: 'Send fewer rows a request, or serve with a longer time limit.',
  },
  CRITERIA_UNKNOWN_METRIC: {
    category: 'usage',
    meaning: 'A success criterion names a metric that is not measured.',
    remedy: 'Use a metric of the task.',
  },
  CANCELLED: {
    category: 'cancelled',
    meaning: 'The work was interrupted.',
    remedy: 'Run the same command again: it goes on from the last finished stage.',
  },
  INTERNAL: {
    category: 'internal',
    meaning: 'A defect of Fivefold.',
    remedy: 'Please report it with the command and the message.',
  },
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof ERROR_CODES
