/** Many documents in few requests, one document a line, so that the answer can name the bad ones. */
import { PROBLEMS, type ProblemCode, type Violation } from '../model/index.js';
import type { BulkResult, Published } from './answers.js';
import { type DocumentSource, textOf } from './documents.js';
import { RequestProblem } from './errors.js';
import { type OneLine, oneLine, placeOf } from './one-line.js';
import type { Transport } from './transport.js';

export interface BulkOptions {
  /** all or none, in one request; default true. False: each document has its own fate, requests hold a few MB each */
  readonly atomic?: boolean;
  /** replace what exists; default false: an id that exists is refused */
  readonly upsert?: boolean;
  readonly dryRun?: boolean;
  /** see `WriteOptions` */
  readonly manager?: string;
  readonly force?: boolean;
  readonly ttl?: number | string;
  readonly signal?: AbortSignal;
  /** ms for one request; default 600 000 */
  readonly timeout?: number;
}

/** A violation in one document of several: `document` counts from 0. */
export interface BulkViolation extends Violation {
  readonly document?: number;
}

/** What one request carries when documents have their own fates. */
const STRETCH = { documents: 1000, characters: 4_000_000 };

interface Line extends OneLine {
  readonly source: string;
}

export async function* sendBulk(
  request: Transport,
  documents: Iterable<DocumentSource> | AsyncIterable<DocumentSource>,
  options: BulkOptions = {},
): AsyncIterable<BulkResult> {
  const { atomic = true } = options;
  let first = 0;
  let lines: Line[] = [];
  let characters = 0;
  for await (const document of documents) {
    const source = textOf(document);
    const line = { ...oneLine(source), source };
    lines.push(line);
    characters += line.text.length;
    if (atomic || (lines.length < STRETCH.documents && characters < STRETCH.characters)) continue;
    yield* sendStretch(request, lines, first, options);
    first += lines.length;
    lines = [];
    characters = 0;
  }
  if (lines.length > 0) yield* sendStretch(request, lines, first, options);
}

type WireResult = { readonly index: number; readonly status: number } & (
  | Published
  | { readonly code: string; readonly detail: string; readonly violations?: readonly Violation[] }
);
interface WireAnswer {
  readonly results: readonly WireResult[];
  readonly problem?: {
    readonly code: string;
    readonly status: number;
    readonly detail?: string;
    readonly hint?: string;
    readonly requestId?: string;
  };
}

/** Where many documents are sent to, and with which headers besides their media type. */
export function bulkAddress(options: BulkOptions): { readonly path: string; readonly headers: Readonly<Record<string, string>> } {
  const { atomic = true, upsert = false, dryRun = false, force = false, manager, ttl } = options;
  const query = new URLSearchParams({ atomic: String(atomic), upsert: String(upsert), dryRun: String(dryRun), force: String(force) });
  return {
    path: `/resources?${query}`,
    headers: {
      Accept: 'application/json',
      ...(manager === undefined ? {} : { 'Facetry-Manager': manager }),
      ...(ttl === undefined ? {} : { 'Facetry-TTL': String(ttl) }),
    },
  };
}

async function* sendStretch(request: Transport, lines: readonly Line[], first: number, options: BulkOptions): AsyncIterable<BulkResult> {
  const { signal, timeout = 600_000 } = options;
  const { path, headers } = bulkAddress(options);
  let answer: WireAnswer;
  try {
    const response = await request(path, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/xml-seq' },
      body: `${lines.map(({ text }) => text).join('\n')}\n`,
      signal,
      timeout,
    });
    answer = (await response.json()) as WireAnswer;
  } catch (error) {
    throw error instanceof RequestProblem ? placed(error, lines) : error;
  }
  for (const result of answer.results) {
    const index = first + result.index;
    if (!('code' in result)) {
      const { status: _, ...published } = result;
      yield { ...published, index, ok: true };
    } else {
      const violations = (result.violations ?? []).map((violation) => inDocument(violation, lines[result.index]));
      yield { index, ok: false, code: knownCode(result.code), detail: result.detail, violations };
    }
  }
  if (answer.problem !== undefined) {
    const { code, status, detail, hint, requestId } = answer.problem;
    throw new RequestProblem(knownCode(code), { detail, hint }, { status, code, requestId });
  }
}

/** The refusal of all: its violations (BulkViolation) are placed within the documents they are of. */
function placed(problem: RequestProblem, lines: readonly Line[]): RequestProblem {
  const violations = problem.violations.map((violation): BulkViolation => {
    const line = lines[(violation.line ?? 0) - 1];
    return line === undefined ? violation : { ...inDocument(violation, line), document: (violation.line as number) - 1 };
  });
  const { code, detail, hint, retryAfter, statedStatus: status, statedCode, requestId } = problem;
  return new RequestProblem(code, { detail, hint, violations, retryAfter }, { status, code: statedCode, requestId });
}

/** Columns of the line → line and column of the document. */
function inDocument(violation: Violation, line: Line | undefined): Violation {
  if (line === undefined || violation.column === undefined) return violation;
  return { ...violation, ...placeOf(line.source, line.origin(violation.column)) };
}

function knownCode(code: string): ProblemCode {
  return Object.hasOwn(PROBLEMS, code) ? (code as ProblemCode) : 'internal-error';
}
