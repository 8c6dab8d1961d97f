/** The calls: each is one request, or a walk over pages of them. */
import type { Answer, BulkResult, Found, Health, InterfaceSummary, Page, Published, Summary } from './answers.js';
import { answerOf } from './answers.js';
import { type BulkOptions, sendBulk } from './bulk.js';
import { bodyOf, type DocumentSource } from './documents.js';
import { accepting } from './errors.js';
import { type ResourceDocument, readResource } from './facets.js';
import { type ClientOptions, createTransport, type RequestOptions, type Transport } from './transport.js';

export interface CallOptions {
  /** aborts the call, and what it still reads */
  readonly signal?: AbortSignal;
}

/** Preconditions, which also make a write safe to try again. */
export interface WriteOptions extends CallOptions {
  /** the entity tag the resource must have, `*` for any */
  readonly ifMatch?: string;
  /** the resource must not exist */
  readonly ifAbsent?: boolean;
  /** check everything, store nothing */
  readonly dryRun?: boolean;
}

export interface AskOptions extends CallOptions {
  /** prefix → namespace, beside `r` and those of the registered interfaces */
  readonly namespaces?: Readonly<Record<string, string>>;
  /** `$name` in the expression; never spliced into its text */
  readonly variables?: Readonly<Record<string, string | number | boolean>>;
  /** nodes on a page (`ask`), or altogether (`discover`) */
  readonly limit?: number;
  readonly cursor?: string;
  /** only how many nodes there are */
  readonly count?: boolean;
  readonly explain?: boolean;
  /** ms the evaluation may take, if less than the directory allows */
  readonly budget?: number;
}

export interface Resource {
  readonly id: string;
  /** the document as the directory keeps it */
  readonly xml: string;
  readonly etag: string;
  readonly modified: Date;
  /** The document as an object. @throws Error when the text is no resource */
  read(): ResourceDocument;
}

export interface Client {
  readonly url: string;

  /**
   * Creates a resource; one without an id is given one. Rejects with `already-exists` when the id is taken: `put` replaces.
   *
   * @example
   * const { id, etag } = await directory.publish('<resource xmlns="http://gcube-system.org/namespaces/resource">…</resource>');
   */
  publish(document: DocumentSource, options?: WriteOptions): Promise<Published>;

  /**
   * Creates or replaces the resource of that id. `outcome` is `unchanged` when it means the same as before.
   *
   * @example await directory.put('node-7', xml, { ifMatch: etag }) // rejects with precondition-failed when somebody was faster
   */
  put(id: string, document: DocumentSource, options?: WriteOptions): Promise<Published>;

  /**
   * Undefined when there is no such resource, or when it still has the entity tag `ifNoneMatch`.
   *
   * @example (await directory.get('node-7'))?.read().facet('host')?.value
   */
  get(id: string, options?: CallOptions & { readonly ifNoneMatch?: string }): Promise<Resource | undefined>;

  /** False when there was none. */
  remove(id: string, options?: CallOptions & { readonly ifMatch?: string; readonly dryRun?: boolean }): Promise<boolean>;

  /**
   * All resources in publication order, read page by page.
   *
   * @example for await (const { id, facets } of directory.list()) console.log(id, facets)
   */
  list(options?: CallOptions & { readonly pageSize?: number; readonly limit?: number }): AsyncIterable<Summary>;

  /** One page of `list`. */
  page(options?: CallOptions & { readonly limit?: number; readonly cursor?: string }): Promise<Page<Summary>>;

  /**
   * What an XPath 1.0 expression finds, read page by page as of one revision: nodes, or one string, number or boolean.
   *
   * @example
   * for await (const found of directory.discover('//h:host[h:memoryMb > $least]', { namespaces: { h: 'urn:facetry:host' }, variables: { least: 4096 } }))
   *   if (found.kind === 'element') console.log(found.resource, found.xml);
   */
  discover(xpath: string, options?: AskOptions & { readonly pageSize?: number }): AsyncIterable<Found>;

  /**
   * One answer, or one page of it, with its total and, if asked for, its plan.
   *
   * @example const answer = await directory.ask('count(//h:host)'); // { type: 'number', value: 42, … }
   */
  ask(xpath: string, options?: AskOptions): Promise<Answer>;

  /**
   * Publishes many. `atomic` (default): all or none, in one request. Otherwise each by itself, and refusals are results.
   *
   * @example for await (const result of directory.bulk(documents, { atomic: false, upsert: true })) if (!result.ok) console.error(result.index, result.detail)
   */
  bulk(documents: Iterable<DocumentSource> | AsyncIterable<DocumentSource>, options?: BulkOptions): AsyncIterable<BulkResult>;

  interfaces(options?: CallOptions): Promise<readonly InterfaceSummary[]>;
  /** The XML Schema of an interface; undefined when none is registered for the namespace. */
  schema(ns: string, options?: CallOptions): Promise<string | undefined>;
  health(options?: CallOptions): Promise<Health>;

  /** Any request of one's own, with this client's time-outs and errors. */
  readonly request: Transport;
}

/**
 * A client of the directory at `url`. Opens nothing until it is asked something.
 *
 * @example
 * import { connect } from 'facetry/client';
 * const directory = connect('http://127.0.0.1:8080');
 */
export function connect(url: string, options: ClientOptions = {}): Client {
  const request = createTransport(url, options);
  const json = async <T>(path: string, asked: RequestOptions = {}): Promise<T> => {
    const response = await request(path, { ...asked, headers: { Accept: 'application/json', ...asked.headers } });
    return (await response.json()) as T;
  };

  const client: Client = {
    url,
    request,
    publish: (document, write = {}) => json(`/resources${dry(write)}`, writing('POST', document, write)),
    put: (id, document, write = {}) => json(pathOf(id) + dry(write), writing('PUT', document, write)),

    async get(id, { ifNoneMatch, signal } = {}) {
      const headers = { Accept: accepting('application/xml'), ...(ifNoneMatch === undefined ? {} : { 'If-None-Match': ifNoneMatch }) };
      const response = await request(pathOf(id), { headers, signal, accept: [304, 404] });
      if (response.status === 304) return undefined;
      if (response.status === 404) {
        await response.body?.cancel();
        return undefined;
      }
      const xml = await response.text();
      return {
        id,
        xml,
        etag: response.headers.get('etag') ?? '',
        modified: new Date(response.headers.get('last-modified') ?? Number.NaN),
        read: () => readResource(xml),
      };
    },

    async remove(id, { ifMatch, dryRun, signal } = {}) {
      const headers = { Accept: 'application/json', ...(ifMatch === undefined ? {} : { 'If-Match': ifMatch }) };
      const response = await request(pathOf(id) + dry({ dryRun }), { method: 'DELETE', headers, signal, accept: [404] });
      await response.body?.cancel();
      return response.status !== 404;
    },

    async *list({ pageSize = 500, limit = Number.POSITIVE_INFINITY, signal } = {}) {
      let cursor: string | undefined;
      let left = limit;
      while (left > 0) {
        const { items, next } = await client.page({ limit: Math.min(pageSize, left), cursor, signal });
        yield* items;
        left -= items.length;
        if (next === undefined) return;
        cursor = next;
      }
    },

    page({ limit, cursor, signal } = {}) {
      const query = new URLSearchParams();
      if (limit !== undefined) query.set('limit', String(limit));
      if (cursor !== undefined) query.set('cursor', cursor);
      return json<Page<Summary>>(`/resources?${query}`, { signal });
    },

    async *discover(xpath, { pageSize = 1000, limit = Number.POSITIVE_INFINITY, ...asked } = {}) {
      let { cursor } = asked;
      let left = limit;
      do {
        const answer = await client.ask(xpath, { ...asked, cursor, limit: Math.min(pageSize, left) });
        if (answer.type !== 'nodeset') {
          yield { kind: answer.type, value: answer.value } as Found;
          return;
        }
        yield* answer.items;
        left -= answer.items.length;
        cursor = answer.next;
      } while (cursor !== undefined && left > 0);
    },

    async ask(xpath, { signal, budget, ...question } = {}) {
      const body = JSON.stringify({ xpath, ...question, ...(budget === undefined ? {} : { timeout: budget }) });
      const headers = { 'Content-Type': 'application/json' };
      return answerOf(await json<Answer>('/discover', { method: 'POST', harmless: true, headers, body, signal }));
    },

    bulk: (documents, bulkOptions) => sendBulk(request, documents, bulkOptions),
    interfaces: async ({ signal } = {}) =>
      (await json<{ readonly interfaces: readonly InterfaceSummary[] }>('/interfaces', { signal })).interfaces,

    async schema(ns, { signal } = {}) {
      const response = await request(`/interfaces/${encodeURIComponent(ns)}`, {
        headers: { Accept: accepting('application/xml') },
        signal,
        accept: [404],
      });
      const text = await response.text();
      return response.status === 404 ? undefined : text;
    },

    health: async ({ signal } = {}) =>
      (await (await request('/readyz', { headers: { Accept: 'application/json' }, signal, accept: [503] })).json()) as Health,
  };
  return client;
}

function pathOf(id: string): string {
  return `/resources/${encodeURIComponent(id)}`;
}

function dry({ dryRun }: { readonly dryRun?: boolean }): string {
  return dryRun === true ? '?dryRun=true' : '';
}

function writing(method: 'POST' | 'PUT', document: DocumentSource, { ifMatch, ifAbsent, signal }: WriteOptions): RequestOptions {
  const headers = {
    'Content-Type': 'application/xml',
    ...(ifMatch === undefined ? {} : { 'If-Match': ifMatch }),
    ...(ifAbsent === true ? { 'If-None-Match': '*' } : {}),
  };
  return { method, headers, body: bodyOf(document), signal };
}
