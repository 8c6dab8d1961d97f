/** What the directory answers, in the client's words. `revision` and `next` are opaque. */
import type { Agreement, ExplainedElement, InterfaceKind, InterfaceStatus, Notice, ProblemCode, Violation } from '../model/index.js';

export interface Published {
  readonly id: string;
  readonly outcome: 'created' | 'replaced' | 'unchanged';
  /** entity tag, for `ifMatch` of a later write */
  readonly etag: string;
  /** not for callers limited to scopes */
  readonly revision?: string;
  readonly notices: readonly Notice[];
  /** with dryRun: the document as it would be */
  readonly canonical?: string;
  /** with dryRun: what would change, as a unified diff; '' for nothing */
  readonly diff?: string;
}

export type BulkResult =
  | ({ readonly index: number; readonly ok: true } & Published)
  | {
      readonly index: number;
      readonly ok: false;
      readonly code: ProblemCode;
      readonly detail: string;
      readonly violations: readonly Violation[];
    };

export interface Summary {
  readonly id: string;
  readonly name?: string;
  readonly scopes: readonly string[];
  /** expanded names, `Q{namespace}local` */
  readonly facets: readonly string[];
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly total: number;
  readonly next?: string;
}

export interface Changes {
  readonly items: readonly {
    readonly kind: 'created' | 'replaced' | 'removed';
    readonly resource: string;
    /** ISO 8601 */
    readonly at: string;
  }[];
  /** cursor of what comes after these */
  readonly next: string;
}

/** A node that was found. An element has `xml`, any other node `value`. */
export type FoundNode =
  | { readonly kind: 'element'; readonly resource: string; readonly whole: boolean; readonly xml: string }
  | {
      readonly kind: 'attribute' | 'text' | 'comment' | 'processing-instruction' | 'namespace' | 'root';
      readonly resource: string;
      readonly name?: string;
      readonly value: string;
    };

/** What an expression that is no path yields. */
export type FoundValue =
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean };

export type Found = FoundNode | FoundValue;

export interface PlanLine {
  readonly depth: number;
  readonly operator: string;
  readonly estimated?: number;
  readonly actual?: number;
  readonly ms?: number;
}

interface Common {
  readonly revision?: string;
  readonly plan?: readonly PlanLine[];
}

/** One answer; of a node set, one page. */
export type Answer =
  | ({ readonly type: 'nodeset'; readonly total: number; readonly items: readonly FoundNode[]; readonly next?: string } & Common)
  | ({ readonly type: 'string'; readonly value: string } & Common)
  | ({ readonly type: 'number'; readonly value: number } & Common)
  | ({ readonly type: 'boolean'; readonly value: boolean } & Common);

export interface InterfaceSummary {
  readonly ns: string;
  readonly prefix: string;
  readonly elements: readonly string[];
  readonly documentation?: string;
  /** `shipped`: it comes with the directory */
  readonly origin: 'shipped' | 'registered';
  /** false: retired, or its schema cannot be used; nothing is checked against it */
  readonly inForce: boolean;
  readonly kind?: InterfaceKind;
  readonly status?: InterfaceStatus;
  readonly version?: string;
  /** id of the resource that registers it, if the caller sees that */
  readonly resource?: string;
}

export interface Interface extends InterfaceSummary {
  readonly localName?: string;
  readonly appliesTo?: readonly string[];
  readonly supersedes?: readonly string[];
  readonly agreement?: Agreement;
  readonly imports: readonly string[];
  readonly importedBy: readonly string[];
  /** visible resources with facets of it */
  readonly resources: number;
  readonly content: readonly ExplainedElement[];
  readonly sample?: string;
  readonly schema: string;
}

export interface InterfaceViolations {
  readonly ns: string;
  /** visible resources that were read */
  readonly resources: number;
  readonly invalid: number;
  /** the first of them, each with its first violation */
  readonly listed: readonly {
    readonly id: string;
    readonly owners: readonly string[];
    readonly violation: Violation;
    readonly violations: number;
  }[];
}

export interface InterfaceCheck extends InterfaceViolations {
  readonly kind: 'new' | 'identical' | 'compatible' | 'incompatible';
  readonly changes: readonly { readonly path: string; readonly what: string; readonly compatible: boolean }[];
}

export interface Health {
  readonly status: 'ok' | 'starting' | 'draining' | 'closed';
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
}

/** JSON has no NaN and no infinities; they come as text. */
export function answerOf(json: Answer): Answer {
  return json.type === 'number' ? { ...json, value: Number(json.value) } : json;
}
