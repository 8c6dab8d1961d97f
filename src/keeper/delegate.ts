/**
 * The contract of delegates, exported as `facetry/delegate`. A delegate creates given facets of a resource; anybody writes one, in
 * any language. This is the form of an ESM module; executables and files say the same by other means (README, "Delegates").
 *
 *     // gpu.mjs
 *     export default {
 *       name: 'gpu',
 *       provides: ['Q{urn:example:gpu}gpu'],
 *       async collect({ config, signal }) {
 *         return { model: 'A100', memoryMb: 81920 };   // → <gpu:gpu xmlns:gpu="urn:example:gpu"><gpu:model>A100</gpu:model>…
 *       },
 *     };
 *
 * It runs in a thread of its own. Throwing, hanging or eating memory costs its facets and nothing else.
 */

/** `Q{namespace}local` (URIQualifiedName, XPath 3.1 §2.2.1). */
export type QName = string;

/** What is asked of a delegate: one resource, now. */
export interface Context {
  readonly resource: { readonly id: string };
  /** as the keeper's configuration gives it, references resolved; checked against `config` of the delegate before */
  readonly config: Readonly<Record<string, unknown>>;
  /** the facets it requires, as XML with their namespaces declared; one that is not there is absent */
  readonly facets: Readonly<Record<QName, string>>;
  /** of a `for-each` resource: the row it was made from */
  readonly row?: Row;
  /** aborted when the time is over; what has not ended then is killed */
  readonly signal: AbortSignal;
}

/**
 * What a facet says: elements by name, in the facet's own namespace and in this order. A list repeats its element, an object nests,
 * null and undefined are left out, dates are said in UTC.
 */
export type FacetContent = { readonly [element: string]: FacetPiece | readonly FacetPiece[] };
export type FacetPiece = string | number | boolean | bigint | Date | null | undefined | FacetContent;

/**
 * What came of it: the content of the one facet it provides; or XML, one facet a text; or several by their names.
 * Undefined (or null): there is nothing to say, and the facet goes from the resource.
 */
export type Collected =
  | undefined
  | null
  | string
  | readonly string[]
  | FacetContent
  | { readonly [name: `Q{${string}`]: string | FacetContent };

/** One thing that a delegate found, e.g. a container: `for-each` makes a resource of it. Its values fill `${row:key}`. */
export type Row = Readonly<Record<string, string | number | boolean>>;

export interface Delegate {
  /** a word; the one that a keeper's configuration says */
  readonly name: string;
  readonly version?: string;
  /** the facets it creates; no other one is taken from it */
  readonly provides: readonly QName[];
  /** facets of the same resource that it wants to see: their delegates run first */
  readonly requires?: readonly QName[];
  /** JSON Schema (2020-12) of its configuration; without one, anything goes */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Rejects with an error whose message tells people why. */
  collect(context: Context): Collected | Promise<Collected>;
  /** The rows of `for-each`. */
  list?(context: Omit<Context, 'resource' | 'facets' | 'row'>): readonly Row[] | Promise<readonly Row[]>;
}
