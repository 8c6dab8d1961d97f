import { Unreachable } from '../client/index.js';
import { Problem, type ProblemCode } from '../model/index.js';
import { FileError } from './output/file-error.js';

/** What a script can tell from how a command ended. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  conflict: 4,
  invalid: 5,
  forbidden: 6,
  unreachable: 7,
  interrupted: 130,
} as const;

/** The command line is wrong: exit code 2. */
export class UsageError extends Error {
  constructor(
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** The command has said all there is to say; only the exit code is left. */
export class Ended extends Error {
  constructor(readonly exitCode: number) {
    super(`exit code ${exitCode}`);
  }
}

const OF_CODE: Partial<Record<ProblemCode, number>> = {
  'invalid-xpath': EXIT.usage,
  'invalid-xquery': EXIT.usage,
  'bad-request': EXIT.usage,
  'not-found': EXIT.notFound,
  'already-exists': EXIT.conflict,
  conflict: EXIT.conflict,
  'facet-owned': EXIT.conflict,
  'key-reused': EXIT.conflict,
  'precondition-failed': EXIT.conflict,
  'empty-body': EXIT.invalid,
  'not-well-formed': EXIT.invalid,
  'doctype-refused': EXIT.invalid,
  'encoding-refused': EXIT.invalid,
  'document-too-large': EXIT.invalid,
  'invalid-resource': EXIT.invalid,
  'invalid-schema': EXIT.invalid,
  'invalid-patch': EXIT.invalid,
  'limit-exceeded': EXIT.invalid,
  unauthorized: EXIT.forbidden,
  forbidden: EXIT.forbidden,
  'too-many-requests': EXIT.unreachable,
  starting: EXIT.unreachable,
  overloaded: EXIT.unreachable,
};

export function exitCodeOf(error: unknown): number {
  if (error instanceof Ended) return error.exitCode;
  if (error instanceof FileError) return error.exitCode;
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof Unreachable) return EXIT.unreachable;
  if (error instanceof Problem) return OF_CODE[error.code] ?? EXIT.failure;
  return EXIT.failure;
}
