import { PROBLEMS, Problem, type ProblemCode, type ProblemDetails } from '../model/index.js';

/**
 * The directory refused. `code` is from the table of problem codes; `statedCode` is what the directory said,
 * which differs when it is newer than this client and has a code the client does not know.
 */
export class RequestProblem extends Problem {
  /** what the directory's log knows the request by */
  readonly requestId?: string;
  readonly statedCode: string;
  readonly statedStatus: number;

  constructor(
    code: ProblemCode,
    details: ProblemDetails,
    stated: { readonly status: number; readonly code?: string; readonly requestId?: string },
  ) {
    super(code, details);
    this.name = 'RequestProblem';
    this.statedCode = stated.code ?? code;
    this.statedStatus = stated.status;
    this.requestId = stated.requestId;
  }
}

/** No answer came: nobody listens there, the connection broke, or time was up. Whether a write happened is not known. */
export class Unreachable extends Error {
  constructor(
    readonly url: string,
    readonly reason: 'refused' | 'timeout' | 'broken',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'Unreachable';
  }
}

/** The `Accept` of a request whose answer is not JSON: refusals still come in the form that `problemOf` reads. */
export function accepting(type: string): string {
  return `${type};q=0.9, application/problem+json`;
}

/** Reads the body of a refusal, whatever it is: a proxy in between may have answered. */
export async function problemOf(response: Response): Promise<RequestProblem> {
  const { status } = response;
  const retryAfter = retryAfterOf(response.headers);
  const requestId = response.headers.get('x-request-id') ?? undefined;
  const body = await readBody(response);
  const stated = body?.code;
  const code = stated !== undefined && Object.hasOwn(PROBLEMS, stated) ? (stated as ProblemCode) : codeOfStatus(status);
  return new RequestProblem(
    code,
    {
      detail: body?.detail ?? body?.title ?? `the answer was ${status} ${response.statusText}`.trimEnd(),
      hint: body?.hint,
      violations: body?.violations ?? [],
      retryAfter,
    },
    { status, code: stated, requestId: body?.requestId ?? requestId },
  );
}

/** Seconds until trying again makes sense: a number or a date (RFC 9110 §10.2.3). */
export function retryAfterOf(headers: Headers, now = Date.now()): number | undefined {
  const text = headers.get('retry-after');
  if (text === null) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000);
}

interface ProblemBody {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly violations?: Problem['violations'];
  readonly requestId?: string;
}

async function readBody(response: Response): Promise<ProblemBody | undefined> {
  try {
    const text = await response.text();
    return /[/+]json\b/.test(response.headers.get('content-type') ?? '') ? (JSON.parse(text) as ProblemBody) : undefined;
  } catch {
    return undefined;
  }
}

/** The plainest code of a status, for answers that bring none of ours. */
function codeOfStatus(status: number): ProblemCode {
  // What a gateway in between says of the directory is not what the directory says of a site.
  if (status === 502 || status === 504) return 'internal-error';
  const found = (Object.keys(PROBLEMS) as ProblemCode[]).find((code) => PROBLEMS[code][0] === status);
  return found ?? (status >= 500 ? 'internal-error' : 'bad-request');
}
