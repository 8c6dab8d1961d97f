/**
 * What generated code (`facetry interfaces types`) says of facets, for the reader and the writer.
 *
 * | in the schema                                                     | in TypeScript |
 * |-------------------------------------------------------------------|---------------|
 * | `boolean`                                                         | `boolean`     |
 * | `decimal`, `float`, `double`, `integer` and what derives from them | `number`      |
 * | `dateTime`                                                        | `Date`; without time zone it is taken as UTC |
 * | `QName`                                                           | `QName`       |
 * | enumerations                                                      | unions of their values |
 * | lists                                                             | arrays        |
 * | everything else: `string`, `anyURI`, `date`, `duration`, unions, … | `string`      |
 *
 * Reading remembers how things were written, so that what is not changed is written as it was: `1.0` stays `1.0`.
 */
import type { ExpandedName } from '../../model/index.js';

/** A name in content; `prefix`: how it is written, or shall be. */
export interface QName extends ExpandedName {
  readonly prefix?: string;
}

export type SimpleType = 'string' | 'number' | 'boolean' | 'date' | 'qname' | { readonly list: SimpleType };

export interface FieldType {
  /** of the property */
  readonly key: string;
  readonly ns: string;
  readonly local: string;
  /** a leaf; or what has elements, made when needed because types may contain themselves */
  readonly type: SimpleType | (() => ElementsType);
  /** an array */
  readonly many?: true;
}

export interface ElementsType {
  readonly fields: readonly FieldType[];
  /** the order of elements carries meaning: they are in `content`, one after the other */
  readonly ordered?: true;
}

/** An element of an `ordered` type, or (key undefined) one that its schema does not name, as XML. */
export interface ContentItem {
  readonly key?: string;
  readonly value?: unknown;
  readonly xml?: string;
}

export interface FacetType<T> {
  readonly name: ExpandedName;
  readonly prefix: string;
  /** namespace → prefix for what is written anew */
  readonly prefixes: Readonly<Record<string, string>>;
  readonly content: ElementsType | SimpleType;
  /** for the compiler: what it reads and writes */
  readonly of?: T;
}

/** Called by generated code. */
export function facetType<T>(
  name: ExpandedName,
  prefix: string,
  prefixes: Readonly<Record<string, string>>,
  content: ElementsType | SimpleType,
): FacetType<T> {
  return { name, prefix, prefixes, content };
}
