import { type DocumentLimits, type Notice, Problem, type ProblemCode, type Resource, type Violation } from '../model/index.js';
import type { Position } from './positions.js';
import type { SchemaChange } from './schema-model/index.js';
import type { InspectedSchema, Schema } from './schema-registry.js';
import type { SchemaFinding, SchemaText } from './validator.js';

/** How the pool and its workers talk. One message carries many documents: a message costs more than a small document is worth. */
export interface WorkerData {
  readonly heapBytes: number;
  /** [0]: one more than the index of the document being read, 0 when idle; [1]: documents begun since the start */
  readonly progress: Int32Array;
}

/** What a worker reads with, until it is told otherwise. */
export interface Setup {
  readonly limits: DocumentLimits;
  readonly resourceSchema: SchemaText;
  /** as somebody registers them; or as an instance has inspected and compiled them before */
  readonly schemas:
    | { readonly kind: 'new'; readonly set: readonly Schema[] }
    | { readonly kind: 'known'; readonly set: readonly InspectedSchema[] };
}

export interface BatchItem {
  /** into the batch's bytes */
  readonly start: number;
  readonly end: number;
  readonly id?: string;
  readonly mintedId?: string;
  readonly charset?: string;
  readonly origin?: Position;
  readonly namespaces?: Readonly<Record<string, string>>;
  /** the canonical document that this one replaces: facets that stay as they are in it need not be valid */
  readonly current?: Uint8Array;
}

export interface Batch {
  readonly bytes: Uint8Array;
  readonly items: readonly BatchItem[];
}

/** What changes for the facets of `ns` from one set to the other? */
export interface Comparison {
  readonly ns: string;
  readonly before: readonly Schema[];
  readonly after: readonly Schema[];
}

export type ToWorker =
  | { readonly kind: 'setup'; readonly setup: Setup }
  | { readonly kind: 'batch'; readonly batch: Batch }
  | { readonly kind: 'compare'; readonly comparison: Comparison };

export type WireResult =
  | { readonly ok: true; readonly resource: Resource; readonly notices: readonly Notice[] }
  | {
      readonly ok: false;
      readonly code: ProblemCode;
      readonly detail?: string;
      readonly hint?: string;
      readonly violations: readonly Violation[];
      /** the document's own, as far as it could be read */
      readonly id?: string;
    };

/** Why an instance broke: `trap` and `time` are about the document or the schemas, `fault` is about us. */
export interface Breakage {
  readonly kind: 'trap' | 'time' | 'fault';
  readonly message: string;
}

export type FromWorker =
  | { readonly kind: 'loaded' }
  /** `retire`: the schemas took much of the heap, another revision should not be compiled here */
  | { readonly kind: 'ready'; readonly retire: boolean; readonly schemas: readonly InspectedSchema[] }
  /** before anything was compiled */
  | { readonly kind: 'refused-schemas'; readonly why: Extract<WireResult, { ok: false }> }
  | { readonly kind: 'compared'; readonly changes: readonly SchemaChange[] }
  | { readonly kind: 'invalid-schemas'; readonly findings: readonly SchemaFinding[] }
  /** `broken`: on the document after the last result. `retire`: the heap has grown, a fresh instance should take over. */
  | { readonly kind: 'done'; readonly results: readonly WireResult[]; readonly broken?: Breakage; readonly retire: boolean };

export function toWire(problem: Problem): Extract<WireResult, { ok: false }> {
  return { ok: false, code: problem.code, detail: problem.detail, hint: problem.hint, violations: problem.violations };
}

export function fromWire(result: Extract<WireResult, { ok: false }>): Problem {
  return new Problem(result.code, { detail: result.detail, hint: result.hint, violations: result.violations });
}
