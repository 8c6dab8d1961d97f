/**
 * An interface: what a facet with the name `INTERFACE` says. A resource with such a facet registers the schema it holds.
 */
import type { ExpandedName } from './name.js';

export const INTERFACE_NS = 'urn:facetry:interface';
export const INTERFACE: ExpandedName = { ns: INTERFACE_NS, local: 'interface' };

export const INTERFACE_KINDS = ['class', 'function', 'prototype', 'private'] as const;
export type InterfaceKind = (typeof INTERFACE_KINDS)[number];

/** `retired`: documented, and no longer checked. */
export const INTERFACE_STATES = ['proposed', 'agreed', 'deprecated', 'retired'] as const;
export type InterfaceStatus = (typeof INTERFACE_STATES)[number];

export interface Agreement {
  readonly parties: readonly string[];
  /** a day, YYYY-MM-DD */
  readonly date?: string;
  readonly text?: string;
}

export interface InterfaceFacet {
  readonly namespace: string;
  readonly prefix?: string;
  /** the element that stands as the facet */
  readonly localName?: string;
  readonly kind: InterfaceKind;
  readonly appliesTo: readonly string[];
  readonly status: InterfaceStatus;
  readonly version: string;
  readonly supersedes: readonly string[];
  readonly agreement?: Agreement;
  readonly documentation?: string;
  /** the XML Schema */
  readonly schema: string;
  readonly sample?: string;
}

/** An element of an interface, in words, with what may stand in it. */
export interface ExplainedElement {
  /** local name */
  readonly name: string;
  /** of another namespace than the interface's own */
  readonly ns?: string;
  readonly type: string;
  /** `1`, `0..1`, `1..*` */
  readonly occurs: string;
  /** one of several of which one stands */
  readonly choice?: true;
  readonly documentation?: string;
  readonly values?: readonly { readonly value: string; readonly documentation?: string }[];
  /** `minLength 1` */
  readonly bounds?: readonly string[];
  readonly children: readonly ExplainedElement[];
  /** elements of other namespaces may stand there too */
  readonly open?: true;
  /** there is more, which is explained above or is too much */
  readonly more?: true;
}
