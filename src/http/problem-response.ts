/** How a Problem is said in HTTP: RFC 9457, as XML (its appendix B) or JSON. */
import type { Request, Response } from 'express';
import { ZodError } from 'zod';
import { PROBLEMS, Problem, type Violation } from '../model/index.js';
import { isJson, problemType } from './negotiate.js';
import { ClientGone } from './read-body.js';
import { sendWhole, utf8 } from './write-answer.js';
import { element, text, XML_DECLARATION } from './xml-text.js';

/** The namespace that RFC 9457 keeps from its predecessor. */
const PROBLEM_NS = 'urn:ietf:rfc:7807';

/** What the caller is told; `type` is an address of this server that explains the code. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly violations?: readonly Violation[];
  readonly requestId?: string;
}

/** Any error as a Problem. Those we do not know become `internal-error`, and nothing of them gets out. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof ZodError) {
    const violations = error.issues.map((issue) => ({
      rule: 'parameter',
      message: issue.message,
      ...(issue.path.length > 0 ? { path: issue.path.join('.') } : {}),
    }));
    return new Problem('bad-request', {
      detail: violations.map(({ path, message }) => (path === undefined ? message : `${path}: ${message}`)).join('; '),
      violations,
    });
  }
  // express could not decode the path
  if (error instanceof URIError) {
    return new Problem('bad-request', {
      detail: 'the address is not valid percent-encoded UTF-8',
      hint: 'encode each byte of the UTF-8 form once, as encodeURIComponent does',
    });
  }
  return new Problem('internal-error', { hint: 'the log of the directory has more under this request id', cause: error });
}

export function problemBody(problem: Problem, requestId?: string): ProblemBody {
  return {
    type: `/problems/${problem.code}`,
    title: problem.title,
    status: problem.status,
    code: problem.code,
    ...(problem.detail === undefined ? {} : { detail: problem.detail }),
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    ...(problem.violations.length === 0 ? {} : { violations: problem.violations }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

/** `<problem xmlns="urn:ietf:rfc:7807">…</problem>`; lists are made of `<i>` elements. */
export function problemXml(body: ProblemBody): string {
  const field = (name: string, value: string | number | undefined) => (value === undefined ? '' : element(name, {}, text(String(value))));
  const violation = ({ rule, message, line, column, path, hint }: Violation) =>
    element(
      'i',
      {},
      field('rule', rule) +
        field('message', message) +
        field('line', line) +
        field('column', column) +
        field('path', path) +
        field('hint', hint),
    );
  const fields =
    field('type', body.type) +
    field('title', body.title) +
    field('status', body.status) +
    field('code', body.code) +
    field('detail', body.detail) +
    field('hint', body.hint);
  const violations = body.violations === undefined ? '' : element('violations', {}, body.violations.map(violation).join(''));
  return element('problem', { xmlns: PROBLEM_NS }, fields + violations + field('requestId', body.requestId));
}

/** Answers with the problem; when the answer has begun already, breaks it off. */
export function sendProblem(
  request: Request,
  response: Response,
  error: unknown,
  requestId: string,
  onFault: (error: unknown) => void,
): void {
  const problem = toProblem(error);
  const gone = error instanceof ClientGone || (response.closed && (error as Error | undefined)?.name === 'AbortError');
  if (problem.code === 'internal-error' && !gone) onFault(problem.cause ?? error);
  if (response.headersSent || gone) {
    response.destroy();
    return;
  }
  for (const name of ['Content-Type', 'Content-Length', 'ETag', 'Last-Modified', 'Location', 'Link']) response.removeHeader(name);
  response.statusCode = problem.status;
  const retryAfter = problem.retryAfter ?? (problem.status === 503 || problem.status === 429 ? 1 : undefined);
  if (retryAfter !== undefined) response.setHeader('Retry-After', Math.ceil(retryAfter));
  if (problem.status === 401) {
    // RFC 6750 §3.1: no error is named when nothing was brought that could be wrong.
    const wrong = request.headers.authorization === undefined ? '' : ', error="invalid_token"';
    response.setHeader('WWW-Authenticate', `Bearer realm="facetry"${wrong}`);
  }
  response.setHeader('Cache-Control', 'no-store');
  const type = problemType(request);
  const body = problemBody(problem, requestId);
  sendWhole(response, utf8(type), isJson(type) ? JSON.stringify(body) : XML_DECLARATION + problemXml(body));
}

/**
 * The answer to bytes that never became a request, written to the bare socket: nobody has negotiated anything yet.
 */
export function rawProblem(problem: Problem): string {
  const body = XML_DECLARATION + problemXml(problemBody(problem));
  return `HTTP/1.1 ${problem.status} ${PROBLEMS[problem.code][1]}\r\nContent-Type: application/problem+xml; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n${body}`;
}
