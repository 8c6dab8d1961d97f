/**
 * XQuery over the documents in BaseX, for those who may see some of them.
 *
 * A report runs between two groups of writes, so that what it sees is the state of one revision, and who may see what is decided
 * for that very revision. BaseX lets nobody write a database that is being read, so writes wait for it; hence the short time, and
 * hence its result is taken from BaseX as fast as it comes, whoever reads it how slowly.
 */
import { randomBytes } from 'node:crypto';
import { Problem, RESOURCE_NS, type ResourceId, type Revision } from '../../model/index.js';
import { shown } from './address.js';
import { pathOf } from './paths.js';
import { type Address, BaseXRefusal, type Session } from './session.js';
import { PREFIXES, vet } from './vet.js';

/** A report that waits for others longer than that is too many. */
const WAITING = 8;

export interface Visible {
  /** keys; undefined: everything */
  readonly keys?: readonly ResourceId[];
  /** the scopes that may be told of; undefined: all */
  readonly scopes?: readonly string[];
}

export interface Report {
  readonly xquery: string;
  /** prefixes that it may use beside those it declares */
  readonly namespaces: Readonly<Record<string, string>>;
  readonly method: 'xml' | 'json' | 'text';
  /** ms of evaluation */
  readonly ms: number;
  /** bytes of the result */
  readonly bytes: number;
  /** what may be seen at a revision */
  readonly visible: (revision: Revision) => Visible;
  readonly signal?: AbortSignal;
}

export interface Reports {
  /**
   * Its result while it comes. Throws (also while it is read) Problem `invalid-xquery`, `query-over-budget`, `overloaded`, or
   * `store-unavailable` while BaseX is away.
   */
  run(report: Report): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

export interface ReportRoom {
  readonly address: Address;
  readonly patience: number;
  readonly open: (user?: { readonly name: string; readonly password: string }) => Promise<Session>;
  /** runs alone, between groups of writes, while the database is in step; rejects while it is away */
  readonly alone: (task: (applied: Revision) => Promise<void>) => Promise<void>;
}

export function reports({ address, patience, open, alone }: ReportRoom): Reports {
  const reader = { name: `facetry-reports-${address.database}`, password: randomBytes(24).toString('base64url') };
  let made = false;
  let waiting = 0;

  return {
    run,
    async close() {
      if (!made) return;
      const user = { name: reader.name };
      await asOwner('declare variable $name external; user:drop($name)', user).catch(() => undefined);
    },
  };

  async function* run(report: Report): AsyncGenerator<Uint8Array> {
    const { first, prefixes, rest } = vet(report.xquery);
    if (waiting >= WAITING) throw new Problem('overloaded', { detail: `${waiting} reports wait already`, retryAfter: 5 });
    const { put, finish, pieces } = queue<Uint8Array>();
    waiting++;
    alone(async (applied) => {
      if (report.signal?.aborted) return;
      if (!made) await makeReader();
      const { keys, scopes } = report.visible(applied);
      const text = `${first}${bound(report.namespaces, prefixes)}${resourcesOf(address.database, keys !== undefined)}${output(report.method)}\n${rest}`;
      const values: Record<string, string> = keys === undefined ? {} : { facetry: JSON.stringify({ paths: keys.map(pathOf), scopes }) };
      await evaluate(text, values, report, put);
    })
      .then(
        () => finish(),
        (error) => finish(said(error, report)),
      )
      .finally(() => waiting--);
    yield* pieces();
  }

  async function evaluate(
    text: string,
    values: Readonly<Record<string, string>>,
    { ms, bytes, signal }: Report,
    put: (piece: Uint8Array) => void,
  ): Promise<void> {
    const session = await open(reader);
    const stop = () => session.end();
    signal?.addEventListener('abort', stop);
    let whole = false;
    try {
      let taken = 0;
      for await (const piece of session.stream({ text, values, patience: ms })) {
        taken += piece.length;
        if (taken > bytes) throw new Problem('query-over-budget', { detail: `the result is longer than ${bytes} bytes` });
        put(piece);
      }
      whole = true;
    } catch (error) {
      whole = error instanceof BaseXRefusal;
      throw error;
    } finally {
      signal?.removeEventListener('abort', stop);
      session.end();
      // BaseX goes on with what nobody waits for, and nobody writes meanwhile.
      if (!whole) await stopAll().catch(() => undefined);
    }
  }

  async function stopAll(): Promise<void> {
    const text = 'declare variable $name external; for $job in jobs:list-details()[@user = $name] return jobs:stop($job/@id)';
    await asOwner(text, { name: reader.name });
  }

  async function makeReader(): Promise<void> {
    try {
      await asOwner(
        `declare variable $name external; declare variable $password external;
if (user:exists($name)) then user:password($name, $password) else user:create($name, $password, 'none')`,
        reader,
      );
      await asOwner(`declare variable $name external; user:grant($name, 'read', '${address.database}')`, { name: reader.name });
    } catch (error) {
      if (!(error instanceof BaseXRefusal) || !/permission/i.test(error.message)) throw error;
      throw new Problem('store-unavailable', {
        detail: `BaseX does not let "${address.user}" make the user that reports run as.`,
        hint: `Give ${address.user} BaseX's permission ADMIN.`,
        cause: error,
      });
    }
    made = true;
  }

  async function asOwner(text: string, values: Readonly<Record<string, string>>): Promise<void> {
    const session = await open();
    try {
      await session.query({ text, values, patience });
    } finally {
      session.end();
    }
  }

  function said(error: unknown, { ms }: Report): Problem {
    if (error instanceof Problem) return error;
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof BaseXRefusal) return refused(message);
    if (message.includes('did not answer within'))
      return new Problem('query-over-budget', { detail: `the report takes longer than ${ms} ms` });
    return new Problem('store-unavailable', { detail: `${shown(address)}: ${message}`, retryAfter: 5, cause: error });
  }
}

/** `Stopped at ., 3/7:` and an error; ours is the first line. Where nodes stand among those of others is nobody's business. */
function refused(said: string): Problem {
  const text = said.replace(/db:open(?:-pre)?\([^()]*\)/g, '…');
  const [, line, column, rest] = /^Stopped at [^,]*, (\d+)\/(\d+):\s*([\s\S]*)$/.exec(text) ?? [];
  if (rest === undefined) return new Problem(/interrupted|timeout/i.test(text) ? 'query-over-budget' : 'invalid-xquery', { detail: text });
  const [, rule = 'xquery', message = rest] = /^\[(?:\w+:)?(\w+)\]\s*([\s\S]*)$/.exec(rest) ?? [];
  const place = Number(line) > 1 ? { line: Number(line) - 1, column: Number(column) } : {};
  return new Problem('invalid-xquery', { detail: `${rule}: ${message}`, violations: [{ rule, message, ...place }] });
}

function bound(namespaces: Readonly<Record<string, string>>, declared: readonly string[]): string {
  return Object.entries(namespaces)
    .filter(([prefix]) => !declared.includes(prefix) && !PREFIXES.has(prefix))
    .map(([prefix, uri]) => `declare namespace ${prefix} = "${uri.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"; `)
    .join('');
}

/** A resource that is in scopes nobody may tell of is shown without these. */
function resourcesOf(database: string, some: boolean): string {
  const all = `Q{http://basex.org/modules/db}open('${database}', 'resources')`;
  const scope = `Q{${RESOURCE_NS}}scope`;
  if (!some) return `declare variable $resources := ${all}; `;
  return `declare variable $facetry external; declare variable $resources := let $facetry := parse-json($facetry),
$paths := $facetry?paths?*, $scopes := $facetry?scopes?* return ${all}[Q{http://basex.org/modules/db}path(.) = $paths] ! (
if (every $scope in */${scope} satisfies string($scope) = $scopes) then . else
copy $seen := . modify delete node $seen/*/${scope}[not(string(.) = $scopes)] return $seen); `.replaceAll('\n', ' ');
}

function output(method: Report['method']): string {
  const parameters = { method, indent: 'no', 'item-separator': '&#10;', 'omit-xml-declaration': 'yes' };
  return Object.entries(parameters)
    .map(([name, value]) => `declare option Q{http://www.w3.org/2010/xslt-xquery-serialization}${name} '${value}'; `)
    .join('');
}

/** What comes while nobody takes it waits here. */
function queue<T>() {
  const waiting: T[] = [];
  let ended = false;
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  return {
    put(piece: T) {
      waiting.push(piece);
      wake?.();
    },
    finish(error?: Error) {
      ended = true;
      failure = error;
      wake?.();
    },
    async *pieces(): AsyncGenerator<T> {
      for (;;) {
        while (waiting.length > 0) yield waiting.shift() as T;
        if (failure !== undefined) throw failure;
        if (ended) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
