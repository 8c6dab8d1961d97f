/** The calls: each is one request, or a walk over pages of them. */
import type {
  Answer,
  BulkResult,
  Changes,
  Found,
  Health,
  Interface,
  InterfaceCheck,
  InterfaceSummary,
  InterfaceViolations,
  Page,
  Published,
  Summary,
} from './answers.js';
import { answerOf } from './answers.js';
import { type BulkOptions, sendBulk } from './bulk.js';
import type { DocumentSource } from './documents.js';
import { accepting } from './errors.js';
import { type ResourceDocument, readResource } from './facets.js';
import { interfaceCalls } from './interfaces.js';
import { type LeasesOf, type Renewal, type RenewOptions, renewLeases } from './leases.js';
import { type ClientOptions, createTransport, type RequestOptions, type Transport } from './transport.js';
import type { FacetType } from './typed/index.js';
import { type WatchEvent, type WatchOptions, watch } from './watch.js';
import { asked, headersOf, writing } from './writing.js';

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
  /** check everything, store nothing; the answer tells what would change */
  readonly dryRun?: boolean;
  /** name of the program that writes: facets it writes become its own */
  readonly manager?: string;
  /** overrule the owners of facets; for admins */
  readonly force?: boolean;
  /** seconds until what is written goes stale unless it is renewed; or as the header says it, facet by facet */
  readonly ttl?: number | string;
  /** `publish` only: makes the call safe to repeat, which is then done by itself when a connection breaks */
  readonly idempotencyKey?: string;
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
  /** The document with this facet, see `ResourceDocument`. */
  with<T>(type: FacetType<T>, value: T | undefined): ResourceDocument;
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
  remove(id: string, options?: Omit<WriteOptions, 'ifAbsent' | 'ttl' | 'idempotencyKey'>): Promise<boolean>;

  /**
   * One facet by itself; `name` is `prefix:local` of a registered interface, or `Q{namespace}local`. Undefined when there is none.
   *
   * @example (await directory.facet('node-7', 'host:host'))?.xml
   */
  facet(id: string, name: string, options?: CallOptions): Promise<{ readonly xml: string; readonly etag: string } | undefined>;

  /**
   * Creates or replaces one facet; the others stay as they are, whoever writes them meanwhile.
   *
   * @example await directory.putFacet('node-7', 'Q{urn:f}hw', '<hw xmlns="urn:f"><cpu>4</cpu></hw>', { manager: 'keeper', ttl: 60 });
   */
  putFacet(id: string, name: string, facet: DocumentSource, options?: WriteOptions): Promise<Published>;
  /** False when there was none. Rejects with `conflict` when it is the last one. */
  removeFacet(id: string, name: string, options?: WriteOptions): Promise<boolean>;
  /** Hands a facet of one's own to another owner, or gives it up (`undefined`). */
  giveFacet(
    id: string,
    name: string,
    to: { readonly principal: string; readonly manager?: string } | undefined,
    options?: WriteOptions,
  ): Promise<void>;
  /**
   * Renews the leases of one's own facets, of many resources at once; no commit comes of it. One result per resource, in order.
   *
   * @example await directory.renew([{ id: 'node-7' }], { manager: 'keeper' });
   */
  renew(resources: readonly LeasesOf[], options?: RenewOptions): Promise<readonly Renewal[]>;
  addScope(id: string, scope: string, options?: WriteOptions): Promise<Published>;
  /** Rejects with `conflict` when it is the last one. */
  removeScope(id: string, scope: string, options?: WriteOptions): Promise<Published>;
  /** Changes a resource by an XML patch (RFC 5261). */
  patch(id: string, patch: DocumentSource, options?: WriteOptions): Promise<Published>;

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
   * What an expression selects now, and then what changes in that, resource by resource, until the signal ends it. A lost
   * connection is opened again where it broke.
   *
   * @example
   * for await (const event of directory.watch('//host:host[host:memoryMb > 65536]'))
   *   if (event.kind === 'enter') console.log(event.resource);
   */
  watch(xpath: string, options?: WatchOptions): AsyncIterable<WatchEvent>;

  /**
   * What was created, replaced and removed after a cursor; without one, nothing and the cursor of now. `wait`: seconds to
   * wait for a change when there is none. Rejects with `cursor-expired` when it is too old.
   */
  changes(options?: CallOptions & { readonly cursor?: string; readonly limit?: number; readonly wait?: number }): Promise<Changes>;

  /**
   * Publishes many. `atomic` (default): all or none, in one request. Otherwise each by itself, and refusals are results.
   *
   * @example for await (const result of directory.bulk(documents, { atomic: false, upsert: true })) if (!result.ok) console.error(result.index, result.detail)
   */
  bulk(documents: Iterable<DocumentSource> | AsyncIterable<DocumentSource>, options?: BulkOptions): AsyncIterable<BulkResult>;

  interfaces(options?: CallOptions): Promise<readonly InterfaceSummary[]>;
  /** The XML Schema of an interface; undefined when none is registered for the namespace. */
  schema(ns: string, options?: CallOptions): Promise<string | undefined>;
  /** All that may be known of an interface; undefined when none is registered for the namespace. */
  interface(ns: string, options?: CallOptions): Promise<Interface | undefined>;
  /**
   * Registers a schema, or a facet `{urn:facetry:interface}interface` that holds one. Resolves when it is in force.
   *
   * @example await directory.putInterface('urn:example:gpu', xsd, { scope: '/infra' });
   */
  putInterface(ns: string, document: DocumentSource, options?: WriteOptions & { readonly scope?: string }): Promise<Published>;
  /** False when there was none. Rejects with `conflict` while others import it. */
  removeInterface(ns: string, options?: WriteOptions): Promise<boolean>;
  /** What would become invalid if this were registered; nothing is changed. */
  checkInterface(ns: string, document: DocumentSource, options?: CallOptions & { readonly limit?: number }): Promise<InterfaceCheck>;
  /** What is not valid by the interface as it is now. */
  interfaceViolations(ns: string, options?: CallOptions & { readonly limit?: number }): Promise<InterfaceViolations>;
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

  async function gone(path: string, write: WriteOptions): Promise<boolean> {
    const headers = { Accept: 'application/json', ...headersOf(write) };
    const response = await request(path + asked(write), { method: 'DELETE', headers, signal: write.signal, accept: [404] });
    await response.body?.cancel();
    return response.status !== 404;
  }

  const client: Client = {
    url,
    request,
    publish: (document, write = {}) => json(`/resources${asked(write)}`, writing('POST', document, write)),
    put: (id, document, write = {}) => json(pathOf(id) + asked(write), writing('PUT', document, write)),

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
        with: (type, value) => readResource(xml).with(type, value),
      };
    },

    remove: (id, write = {}) => gone(pathOf(id), write),

    async facet(id, name, { signal } = {}) {
      const response = await request(facetPath(id, name), { headers: { Accept: accepting('application/xml') }, signal, accept: [404] });
      const xml = await response.text();
      return response.status === 404 ? undefined : { xml, etag: response.headers.get('etag') ?? '' };
    },
    putFacet: (id, name, facet, write = {}) => json(facetPath(id, name) + asked(write), writing('PUT', facet, write)),
    removeFacet: (id, name, write = {}) => gone(facetPath(id, name), write),
    async giveFacet(id, name, to, write = {}) {
      const path = `${facetPath(id, name)}/owner${asked(write)}`;
      const headers = { ...headersOf(write), 'Content-Type': 'application/json' };
      if (to === undefined) await request(path, { method: 'DELETE', headers: headersOf(write), signal: write.signal });
      else await json(path, { method: 'PUT', headers, body: JSON.stringify(to), signal: write.signal });
    },
    renew: (resources, options) => renewLeases(json, resources, options),
    addScope: (id, scope, write = {}) =>
      json(scopePath(id, scope) + asked(write), { method: 'PUT', headers: headersOf(write), signal: write.signal }),
    removeScope: (id, scope, write = {}) =>
      json(scopePath(id, scope) + asked(write), { method: 'DELETE', headers: headersOf(write), signal: write.signal }),
    patch: (id, patch, write = {}) => json(pathOf(id) + asked(write), writing('PATCH', patch, write, 'application/xml-patch+xml')),

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

    watch: (xpath, options) => watch(request, xpath, options),
    changes({ cursor, limit, wait = 0, signal } = {}) {
      const query = new URLSearchParams({ wait: `${wait}s` });
      if (cursor !== undefined) query.set('cursor', cursor);
      if (limit !== undefined) query.set('limit', String(limit));
      return json<Changes>(`/changes?${query}`, { signal, timeout: (wait + 30) * 1000 });
    },
    bulk: (documents, bulkOptions) => sendBulk(request, documents, bulkOptions),
    ...interfaceCalls(request, json),

    health: async ({ signal } = {}) =>
      (await (await request('/readyz', { headers: { Accept: 'application/json' }, signal, accept: [503] })).json()) as Health,
  };
  return client;
}

function pathOf(id: string): string {
  return `/resources/${encodeURIComponent(id)}`;
}

function facetPath(id: string, name: string): string {
  return `${pathOf(id)}/facets/${encodeURIComponent(name)}`;
}

function scopePath(id: string, scope: string): string {
  return `${pathOf(id)}/scopes/${encodeURIComponent(scope)}`;
}
