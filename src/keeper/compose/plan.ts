/** What a keeper's file and the delegates on the node come to: resources, each with the tasks that make its facets. */
import type { FacetConfig, Place } from '../config/index.js';
import type { Row } from '../delegate.js';
import type { FoundDelegate } from '../found-delegate.js';

/** One delegate, asked about one resource. */
export interface Task {
  readonly delegate: FoundDelegate;
  readonly entry: FacetConfig;
  /** names of the delegates of this resource that run first: they provide what this one requires */
  readonly after: readonly string[];
}

export interface ResourcePlan {
  readonly id: string;
  readonly name?: string;
  readonly description?: string;
  readonly scopes: readonly string[];
  readonly row?: Row;
  /** no two of one delegate, no two that provide one facet */
  readonly tasks: readonly Task[];
  readonly place: Place;
}

/** What is left out, and why; everything else goes on. */
export interface Refusal {
  /** id of the resource, or as the file gives it */
  readonly resource: string;
  readonly delegate?: string;
  readonly why: string;
  readonly place: Place;
}

export interface Composition {
  readonly resources: readonly ResourcePlan[];
  readonly refusals: readonly Refusal[];
}
