/**
 * directory/: in what order does it happen? The one room that knows the stages of a document's life.
 * This file says what the directory offers; `publish.ts` and `discover.ts` are the flows.
 */
import type { Notice, ProblemCode, ResourceId, Revision, Scope, Violation } from '../model/index.js';

/** Who asks. `scopes` undefined: sees and may write everything (mode `open`, admins). */
export interface Caller {
  readonly principal: string;
  readonly scopes?: readonly Scope[];
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
}

export interface Published {
  readonly outcome: 'created' | 'replaced' | 'unchanged';
  readonly id: ResourceId;
  /** Strong entity tag with its quotes, of the representation this caller gets. */
  readonly etag: string;
  readonly revision: Revision;
  readonly notices: readonly Notice[];
  /** with dryRun: the canonical document that would be stored */
  readonly canonical?: string;
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

export interface Item {
  readonly resource: ResourceId;
  readonly kind: 'element' | 'attribute' | 'text' | 'comment' | 'processing-instruction' | 'namespace' | 'root';
  /** an element's serialisation; any other node's string value (unescaped) */
  readonly value: string;
  /** attribute's name as `name` or `Q{ns}name`, instruction's target, namespace's prefix */
  readonly name?: string;
  /** the element is a whole resource */
  readonly whole: boolean;
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
      readonly revision: string;
      readonly ms: number;
      readonly plan?: readonly PlanLine[];
    }
  | { readonly type: 'string'; readonly value: string; readonly revision: string; readonly ms: number; readonly plan?: readonly PlanLine[] }
  | { readonly type: 'number'; readonly value: number; readonly revision: string; readonly ms: number; readonly plan?: readonly PlanLine[] }
  | {
      readonly type: 'boolean';
      readonly value: boolean;
      readonly revision: string;
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
  remove(caller: Caller, id: ResourceId, options?: WriteOptions): Promise<{ readonly revision: Revision }>;
  /** Synchronous: from the columns. Undefined: does not exist for this caller. */
  get(caller: Caller, id: ResourceId): Representation | undefined;
  list(
    caller: Caller,
    options: { readonly limit: number; readonly cursor?: string },
  ): Page<{ readonly id: ResourceId; readonly name?: string; readonly scopes: readonly string[]; readonly facets: readonly string[] }>;
  /** `<resources>…</resources>` or one document a line; all or nothing unless `atomic` is false. `upsert`: as PUT, else as POST. */
  bulk(
    caller: Caller,
    body: AsyncIterable<Uint8Array>,
    options: { readonly form: 'resources' | 'lines'; readonly atomic: boolean; readonly upsert: boolean; readonly dryRun?: boolean },
  ): AsyncIterable<BulkResult>;
  discover(caller: Caller, question: Question, signal?: AbortSignal): Promise<Answer>;
  interfaces(caller: Caller): readonly InterfaceSummary[];
  /** the XSD text of a registered interface */
  schema(caller: Caller, ns: string): string | undefined;
  /** Finishes what was accepted, then closes the rooms behind. */
  close(): Promise<void>;
}
