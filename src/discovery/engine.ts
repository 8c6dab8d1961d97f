/**
 * discovery/: which nodes match? Columns, XPath syntax → plan → evaluation. Knows no store, no HTTP, does no I/O.
 * This file says what the engine offers to the rooms above.
 */
import type { View } from './columns/contract.js';

export interface NamespaceNode {
  /** row of the element whose namespace node this is */
  readonly row: number;
  readonly prefix: string;
  readonly uri: string;
}

/**
 * A node-set, in document order. A number is a node as `columns/contract.ts` defines it; namespace nodes, which
 * columns do not store, come as objects (rare: only the namespace axis makes them).
 */
export type NodeSet = Uint32Array | readonly (number | NamespaceNode)[];

export type Value =
  | { readonly type: 'nodeset'; readonly nodes: NodeSet }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'boolean'; readonly value: boolean };

export interface Budget {
  /** ms of evaluation */
  readonly time: number;
  /** nodes in any node-set, the result included */
  readonly nodes: number;
  /** UTF-8 bytes of strings built by the expression */
  readonly bytes: number;
}

export interface OperatorTrace {
  readonly depth: number;
  readonly operator: string;
  readonly estimated?: number;
  readonly actual?: number;
  readonly ms?: number;
}

export interface Compiled {
  readonly text: string;
  /** prefixes and functions are resolved; variables are checked against the given names */
  evaluate(view: View, options: EvaluateOptions): Value;
  /** as evaluate, and tells what each operator did */
  explain(view: View, options: EvaluateOptions): { readonly value: Value; readonly plan: readonly OperatorTrace[] };
  /** `texts`: the variables that are strings */
  standing(texts: ReadonlyMap<string, string>): Standing;
}

/** An element or attribute that a resource must have to be selected; `value`: and that is its text. */
export interface Need {
  readonly ns: string;
  readonly local: string;
  readonly value?: string;
}

/** What must be looked at again when a resource changes; see plan/standing.ts. */
export interface Standing {
  /** the answer is a node-set: that of each resource by itself, put together */
  readonly byResource: boolean;
  /** the answer changes with time alone */
  readonly timed: boolean;
  /** one of these is in every resource that is selected; undefined: nothing can be said. Of questions by resource only */
  readonly needs?: readonly Need[];
}

export interface EvaluateOptions {
  /** context node; default the root node 0; context position and size are 1 */
  readonly context?: number | NamespaceNode;
  readonly variables?: ReadonlyMap<string, Value>;
  readonly budget?: Budget;
  /** ms since the epoch, for current-dateTime() */
  readonly now?: number;
  /** for dir:age(), dir:fresh() and dir:owner(); without one ages are unknown, everything is fresh and nobody's */
  readonly policy?: Policy;
}

/**
 * What is known of a resource, or of a facet of it, beside its XML. Asked during one evaluation only, about slots that the
 * view shows, and must give the same answers until that ends.
 */
export interface Policy {
  /** seconds since it was last written or renewed; NaN when unknown. `facet`: `Q{ns}local`; undefined: the resource itself */
  age(slot: number, facet: string | undefined): number;
  /** false once its time to live is over */
  fresh(slot: number, facet: string | undefined): boolean;
  owner(slot: number, facet: string | undefined): string;
}

export interface CompileOptions {
  /** prefix → namespace; no default namespace for names (XPath 1.0 §2.3) */
  readonly namespaces: ReadonlyMap<string, string>;
  /** namespace of element names without a prefix, where that is not none (as in the selectors of RFC 5261 §4.2.1) */
  readonly elementNamespace?: string;
  /** names of the variables that will be given, as `local` or `Q{ns}local` */
  readonly variables?: ReadonlySet<string>;
}
