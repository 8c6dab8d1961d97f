/**
 * What a function is: how it is called (types, for checking and converting before the call) and what it does. The evaluator
 * stands behind `Host`, so that functions know strings, numbers and nodes but no columns.
 */

/** `any`: known only when the query runs (variables). */
export type ValueType = 'nodeset' | 'string' | 'number' | 'boolean' | 'any';

/** Nodes in ascending order, without doubles (not yet in document order: see `Host.inOrder`). */
export type Nodes = Uint32Array;
export type Result = Nodes | string | number | boolean;

export interface NameParts {
  readonly prefix: string;
  readonly ns: string;
  readonly local: string;
}

/** A compiled regular expression of linear-time matching. Offsets are UTF-16 code units. */
export interface Pattern {
  /** states of its automaton: what one character costs at most when groups are wanted */
  readonly size: number;
  test(text: string): boolean;
  /** every match, left to right, not overlapping; a group that took no part is undefined */
  matches(text: string): Iterable<{ readonly start: number; readonly end: number; readonly groups: readonly (string | undefined)[] }>;
}

export interface Host {
  /** string-value (§5) */
  text(node: number): string;
  /** number() of the string-value */
  number(node: number): number;
  name(node: number): NameParts;
  /** the xml:lang that holds at the node */
  language(node: number): string | undefined;
  /** what identifies the string-value cheaply: equal keys, equal strings */
  key(node: number): number | string;
  inOrder(nodes: Nodes): Nodes;
  /** the first in document order; `nodes` is not empty */
  first(nodes: Nodes): number;
  /** nodes with these ids, ascending */
  byId(tokens: Iterable<string>): Nodes;
  /** text nodes without a parent, one for each string, in this order */
  textNodes(values: readonly string[]): Nodes;
  pattern(pattern: string, flags: string): Pattern;
  /** counts work against the time budget */
  spend(units: number): void;
  /** announces about so many ms of work that cannot be interrupted: refused when the time left is less */
  foresee(ms: number): void;
  /** holds the length of a string that is about to be built against the size budget */
  toBuild(length: number): void;
  /** holds a string that was built against the size budget, and gives it back */
  built(text: string): string;
  /** seconds since the node's facet, or resource, was last written or renewed; NaN when unknown */
  age(node: number): number;
  /** is its lease running? */
  fresh(node: number): boolean;
  owner(node: number): string;
  /** ms since the epoch, the same for the whole evaluation (undefined when nobody said) */
  readonly now: number | undefined;
}

/** Where a function is called. */
export interface Focus {
  readonly host: Host;
  readonly node: number;
  readonly position: number;
  readonly size: number;
}

export interface FunctionDefinition {
  readonly name: string;
  /** type of each parameter; `?` may be left out, `*` repeats; arguments are converted to it (§3.2), except that `nodeset` takes nothing else */
  readonly params: readonly string[];
  readonly result: ValueType;
  /** a missing first argument means the context node */
  readonly ofContext?: boolean;
  /** reads the context node beside its arguments */
  readonly usesNode?: boolean;
  /** reads the context position or size */
  readonly usesPosition?: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: arguments have the types that `params` says
  readonly call: (args: any[], focus: Focus) => Result;
}
