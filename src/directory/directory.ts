/**
 * directory/: in what order does it happen? The one room that knows the stages of a document's life.
 * This file says what the directory offers; `publish.ts` and `discover.ts` are the flows.
 */
import type {
  ExpandedName,
  ExplainedElement,
  InterfaceFacet,
  InterfaceKind,
  InterfaceStatus,
  NameKey,
  Notice,
  Owner,
  ProblemCode,
  ResourceId,
  Revision,
  Scope,
  Violation,
} from '../model/index.js';
import type { ForeignChange } from '../store/index.js';
import type { SchemaChange } from '../xml/index.js';
import type { MetaDescription } from './describe-meta.js';
import type { RenewedLease, RenewOptions } from './lease/renew.js';
import type { CorpusReading } from './registry/corpus.js';
import type { ChangesOptions } from './watch/changes.js';
import type { Changes, WatchEvent, WatchFigures, WatchOptions, WatchQuestion } from './watch/contract.js';

/** Who asks, where it operates and what it may change. Made by the door (`http/`) and trusted from there on. */
export interface Caller {
  readonly principal: string;
  /** scopes it operates in, which the read rule turns into what it sees; undefined: sees everything (mode `open`, admins) */
  readonly scopes?: readonly Scope[];
  /** it may publish into these scopes and those below them; undefined: into any; empty: it only reads */
  readonly publishes?: readonly Scope[];
  /** namespaces of facets it may write, `urn:x` or `urn:x*`; undefined: any */
  readonly facets?: readonly string[];
  /** may overrule the owner of a facet with `force`, and do what only operators do; undefined: as true when `scopes` is undefined */
  readonly admin?: boolean;
  /** may register interfaces, which hold for everybody; undefined: as `admin` */
  readonly registrar?: boolean;
  /** may run XQuery reports */
  readonly analyst?: boolean;
}

export interface WriteOptions {
  /** Entity tags of `If-Match` (`*` allowed); one must equal the current representation's. */
  readonly ifMatch?: readonly string[];
  /** `If-None-Match: *`: the resource must not exist. */
  readonly ifNoneMatch?: '*';
  /** Validate and check everything, store nothing. */
  readonly dryRun?: boolean;
  /** charset parameter of the Content-Type, if any */
  readonly charset?: string;
  /** name of the program that writes (header `Facetry-Manager`); facets it writes are its own */
  readonly manager?: string;
  /** overrule the owner of a facet; needs `admin` */
  readonly force?: boolean;
  /** leases of what is written (header `Facetry-TTL`) */
  readonly lease?: LeaseWish;
  /** POST: the same key with the same body is the same request (header `Idempotency-Key`) */
  readonly idempotencyKey?: string;
}

/** Seconds a facet stays fresh without renewal; `null`: for ever. What is not said stays as it was. */
export interface LeaseWish {
  /** for every facet of the write that `facets` does not name */
  readonly ttl?: number | null;
  readonly facets?: Readonly<Record<NameKey, number | null>>;
}

/** A change of a part of a resource. `Published.etag` is the tag of what `edit` names: the facet, else the resource. */
export type Edit =
  | { readonly kind: 'put-facet'; readonly name: ExpandedName; readonly body: Uint8Array }
  | { readonly kind: 'remove-facet'; readonly name: ExpandedName }
  /** hands a facet of the caller's to somebody else, or (undefined) to nobody in particular */
  | { readonly kind: 'give-facet'; readonly name: ExpandedName; readonly to: Owner | undefined }
  | { readonly kind: 'add-scope'; readonly scope: Scope }
  | { readonly kind: 'remove-scope'; readonly scope: Scope }
  /** undefined: without */
  | { readonly kind: 'set-name' | 'set-description'; readonly text: string | undefined }
  /** RFC 5261 */
  | { readonly kind: 'patch'; readonly body: Uint8Array };

export interface Published {
  readonly outcome: 'created' | 'replaced' | 'unchanged';
  readonly id: ResourceId;
  /** Strong entity tag with its quotes, of the representation this caller gets. */
  readonly etag: string;
  /** opaque cursor of the state that has it; not for callers limited to scopes */
  readonly revision?: string;
  readonly notices: readonly Notice[];
  /** with dryRun: the canonical document as the caller would see it */
  readonly canonical?: string;
  /** with dryRun: what would change, as a unified diff of the indented canonical forms; '' for nothing */
  readonly diff?: string;
}

export interface Representation {
  readonly id: ResourceId;
  /** canonical XML as this caller sees it, UTF-8 */
  readonly xml: Uint8Array;
  readonly etag: string;
  /** ms since the epoch */
  readonly modifiedAt: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly total: number;
  /** opaque; pass it back for the next page */
  readonly next?: string;
}

export interface Question {
  readonly xpath: string;
  /** prefix → namespace, beside those of the registered interfaces and `r` */
  readonly namespaces?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string | number | boolean>>;
  /** items a page; total is always the whole count */
  readonly limit?: number;
  readonly cursor?: string;
  /** only the number of nodes */
  readonly count?: boolean;
  readonly explain?: boolean;
  /** ms; lower than the server's budget only */
  readonly budgetMs?: number;
}

/** XQuery 3.1 over `$resources`, the documents of all that the caller sees. */
export interface ReportQuestion {
  readonly xquery: string;
  /** prefix → namespace, beside those of the registered interfaces */
  readonly namespaces?: Readonly<Record<string, string>>;
  /** form of the result */
  readonly method: 'xml' | 'json' | 'text';
  /** ms of evaluation */
  readonly budgetMs?: number;
}

export type Item = ElementItem | OtherItem;

export interface ElementItem {
  readonly resource: ResourceId;
  readonly kind: 'element';
  /** its serialisation, in UTF-8 … */
  readonly bytes: Uint8Array;
  /** … and as text, made when it is asked for */
  readonly value: string;
  readonly name?: undefined;
  /** it is a whole resource */
  readonly whole: boolean;
}

export interface OtherItem {
  readonly resource: ResourceId;
  readonly kind: 'attribute' | 'text' | 'comment' | 'processing-instruction' | 'namespace' | 'root';
  /** string value (unescaped) */
  readonly value: string;
  /** attribute's name as `name` or `Q{ns}name`, instruction's target, namespace's prefix */
  readonly name?: string;
  readonly whole: false;
}

export interface PlanLine {
  readonly depth: number;
  readonly operator: string;
  readonly estimated?: number;
  readonly actual?: number;
  readonly ms?: number;
}

/** Items are made while they are read, so a large answer is streamed; read them in one go or per page. */
export type Answer =
  | {
      readonly type: 'nodeset';
      readonly total: number /** items of this page */;
      readonly count: number;
      readonly items: AsyncIterable<Item>;
      readonly next?: string;
      readonly revision?: string;
      readonly ms: number;
      readonly plan?: readonly PlanLine[];
    }
  | {
      readonly type: 'string';
      readonly value: string;
      readonly revision?: string;
      readonly ms: number;
      readonly plan?: readonly PlanLine[];
    }
  | {
      readonly type: 'number';
      readonly value: number;
      readonly revision?: string;
      readonly ms: number;
      readonly plan?: readonly PlanLine[];
    }
  | {
      readonly type: 'boolean';
      readonly value: boolean;
      readonly revision?: string;
      readonly ms: number;
      readonly plan?: readonly PlanLine[];
    };

export type BulkResult =
  | { readonly index: number; readonly ok: true; readonly published: Published }
  | {
      readonly index: number;
      readonly ok: false;
      readonly code: ProblemCode;
      readonly detail: string;
      readonly violations: readonly Violation[];
    };

export interface InterfaceSummary {
  readonly ns: string;
  readonly prefix: string;
  /** global elements the schema declares */
  readonly elements: readonly string[];
  readonly documentation?: string;
  /** `shipped`: it comes with the directory; `registered`: a resource holds it */
  readonly origin: 'shipped' | 'registered';
  /** false: retired, or its schema cannot be used; nothing is checked against it */
  readonly inForce: boolean;
  readonly kind?: InterfaceKind;
  readonly status?: InterfaceStatus;
  readonly version?: string;
  /** id of the resource that registers it, if the caller sees that */
  readonly resource?: ResourceId;
}

/** Schema and prefix hold for everybody; what else a resource says of its interface is for those who see that resource. */
export interface InterfaceDescription extends InterfaceSummary {
  readonly schema: string;
  /** strong entity tag of the schema */
  readonly etag: string;
  readonly facet?: InterfaceFacet;
  readonly imports: readonly string[];
  readonly importedBy: readonly string[];
  /** visible resources with facets of it */
  readonly resources: number;
}

export interface InterfaceWriteOptions extends Pick<WriteOptions, 'ifMatch' | 'ifNoneMatch' | 'dryRun' | 'manager' | 'force' | 'charset'> {
  /** where the resource is published when there is none yet; default: the caller's first scope, or `/interfaces` */
  readonly scope?: Scope;
}

export interface InterfaceCheck {
  readonly ns: string;
  /** `new`: nothing is registered there; `compatible`: what was valid stays valid */
  readonly kind: 'new' | 'identical' | 'compatible' | 'incompatible';
  readonly changes: readonly SchemaChange[];
  readonly corpus: CorpusReading;
}

export interface DirectoryState {
  readonly phase: 'starting' | 'ready' | 'closing' | 'closed';
  /** resources loaded into the columns while starting */
  readonly done: number;
  readonly total: number;
  readonly revision: Revision;
}

export interface Directory {
  readonly state: DirectoryState;
  /** POST: the document's own id or a minted `urn:uuid:…`; an existing id is `already-exists`. */
  create(caller: Caller, body: Uint8Array, options?: WriteOptions): Promise<Published>;
  /** PUT: create or replace under this id. */
  put(caller: Caller, id: ResourceId, body: Uint8Array, options?: WriteOptions): Promise<Published>;
  remove(caller: Caller, id: ResourceId, options?: WriteOptions): Promise<{ readonly revision?: string }>;
  /** Changes a part of a resource: a facet, its scopes, name or description, or by a patch. Problem `not-found` when there is none. */
  edit(caller: Caller, id: ResourceId, edit: Edit, options?: WriteOptions): Promise<Published>;
  /** One facet by itself. Undefined: there is no such resource, or no such facet. */
  facet(caller: Caller, id: ResourceId, name: ExpandedName): Representation | undefined;
  /** Synchronous: from the columns. Undefined: does not exist for this caller. */
  get(caller: Caller, id: ResourceId): Representation | undefined;
  /** Who keeps which facet, and how its lease stands. Undefined: no such resource. */
  meta(caller: Caller, id: ResourceId): MetaDescription | undefined;
  /** Leases begin anew, without a commit. Throws Problem `not-found`, `forbidden`, `facet-owned`, `conflict`. */
  renew(caller: Caller, id: ResourceId, options: RenewOptions): readonly RenewedLease[];
  list(
    caller: Caller,
    options: { readonly limit: number; readonly cursor?: string },
  ): Page<{ readonly id: ResourceId; readonly name?: string; readonly scopes: readonly string[]; readonly facets: readonly string[] }>;
  /** `<resources>…</resources>` or one document a line; all or nothing unless `atomic` is false. `upsert`: as PUT, else as POST. */
  bulk(
    caller: Caller,
    body: AsyncIterable<Uint8Array>,
    options: Pick<WriteOptions, 'dryRun' | 'manager' | 'force' | 'lease'> & {
      readonly form: 'resources' | 'lines';
      readonly atomic: boolean;
      readonly upsert: boolean;
    },
  ): AsyncIterable<BulkResult>;
  discover(caller: Caller, question: Question, signal?: AbortSignal): Promise<Answer>;
  /** What a question selects now, and then what changes in that, until somebody ends it. */
  watch(caller: Caller, question: WatchQuestion, options: WatchOptions): Promise<AsyncIterable<WatchEvent>>;
  /** What was created, replaced and removed after a cursor; waits for something when there is nothing yet. */
  changes(caller: Caller, options: ChangesOptions): Promise<Changes>;
  readonly watching: WatchFigures;
  /** prefixes that names and questions may use: those of the registered interfaces, `r` and `dir` */
  readonly prefixes: Readonly<Record<string, string>>;
  interfaces(caller: Caller): readonly InterfaceSummary[];
  /** Undefined: nothing is registered for the namespace. */
  interface(caller: Caller, ns: string): InterfaceDescription | undefined;
  /** Its facets in words, from its schema; nothing when none is registered. */
  explain(caller: Caller, ns: string): readonly ExplainedElement[];
  /** Registers a schema, or an interface facet, for the namespace. Rejects with `invalid-schema`, `conflict`, `forbidden`. `etag` is that of the schema. */
  putInterface(caller: Caller, ns: string, body: Uint8Array, options?: InterfaceWriteOptions): Promise<Published>;
  /** What comes with the directory takes its place again. Rejects with `conflict` while others import it. */
  removeInterface(caller: Caller, ns: string, options?: InterfaceWriteOptions): Promise<{ readonly revision?: string }>;
  /** What would happen to the resources that the caller sees if this schema were registered; nothing is changed. */
  checkInterface(
    caller: Caller,
    ns: string,
    body: Uint8Array,
    options: { readonly limit: number; readonly charset?: string },
    signal?: AbortSignal,
  ): Promise<InterfaceCheck>;
  /** Visible resources that are not valid by what is registered now. Undefined: nothing is. */
  interfaceViolations(caller: Caller, ns: string, limit: number, signal?: AbortSignal): Promise<CorpusReading> | undefined;
  /** Runs a report; its result while it comes. Throws, also later, `forbidden`, `not-found`, `invalid-xquery`, `query-over-budget`, `store-unavailable`. */
  report(caller: Caller, question: ReportQuestion, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** What other tools have done to the documents in the XML database under the directory, settled. Rejects with `not-found` where there is none, `store-unavailable`. */
  resync(): Promise<readonly ForeignChange[]>;
  /** Finishes what was accepted, then closes the rooms behind. */
  close(): Promise<void>;
}
