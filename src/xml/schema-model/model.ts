/**
 * What a schema says, for those who explain it, compare it or make types of it. Facets have elements only, so attributes are left
 * out. Names stay references: nothing is expanded, so the model of a schema is as large as its text.
 */
import type { ExpandedName } from '../../model/index.js';

export interface SchemaModel {
  readonly ns: string;
  readonly documentation?: string;
  /** global elements */
  readonly elements: readonly ElementModel[];
  /** named types */
  readonly types: ReadonlyMap<string, TypeModel>;
  /** named groups */
  readonly groups: ReadonlyMap<string, Particle>;
}

/** How often something may stand: `max` is Infinity for unbounded. */
export interface Occurs {
  readonly min: number;
  readonly max: number;
}

export interface ElementModel {
  readonly name: ExpandedName;
  readonly documentation?: string;
  /** undefined: anything */
  readonly type?: TypeRef;
  /** `xs:element ref`: what it is, is said by the global element of its name */
  readonly ref?: true;
  readonly nillable?: true;
}

/** A name of this or another schema, a type of XML Schema itself, or a type that stands right here. */
export type TypeRef = { readonly named: ExpandedName } | { readonly inline: TypeModel };

export type Particle = Occurs &
  (
    | { readonly kind: 'element'; readonly element: ElementModel }
    | { readonly kind: 'sequence' | 'choice' | 'all'; readonly parts: readonly Particle[] }
    | { readonly kind: 'group'; readonly name: ExpandedName }
    /** `xs:any` */
    | { readonly kind: 'any'; readonly namespace: string }
  );

export type TypeModel = SimpleModel | ComplexModel;

export interface SimpleModel {
  readonly kind: 'simple';
  readonly documentation?: string;
  readonly variety: 'restriction' | 'list' | 'union';
  /** what is restricted; of a list, its items; of a union, its members */
  readonly of: readonly TypeRef[];
  readonly enumeration: readonly { readonly value: string; readonly documentation?: string }[];
  /** constraining facets as written: `minLength` → `1` */
  readonly bounds: readonly (readonly [name: string, value: string])[];
}

export interface ComplexModel {
  readonly kind: 'complex';
  readonly documentation?: string;
  /** undefined: no children */
  readonly content?: Particle;
  /** the type that is extended (its children come before `content`) or restricted */
  readonly base?: { readonly type: TypeRef; readonly by: 'extension' | 'restriction' };
  /** `xs:simpleContent`: text of that type, no children */
  readonly text?: TypeRef;
  readonly mixed?: true;
}

export const XS_NS = 'http://www.w3.org/2001/XMLSchema';
