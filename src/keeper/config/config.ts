/** What a keeper's file says, checked: names of things that are found later (delegates, rows) may still be wrong. */
import type { Schedule } from '../schedule.js';

/** A secret is referred to, never written down: in a variable of the environment, or in a file. */
export type SecretReference = { readonly env: string } | { readonly file: string };

export interface Place {
  /** the file, absolute */
  readonly file: string;
  /** from 1 */
  readonly line: number;
}

/** What a failing delegate means for the resource. */
export type Criticality =
  /** the resource is not published without it, and nothing of it is renewed while it fails */
  | 'required'
  /** its own facets go stale and then away */
  | 'optional'
  /** what it gave last goes on, until that is older than `maxAgeMs` */
  | 'keep-last-good';

export interface FacetConfig {
  /** the name of a delegate, or a pattern: `*` stands for any characters, and for those that nothing else of the resource names */
  readonly delegate: string;
  /** references in it are not yet resolved */
  readonly config: Readonly<Record<string, unknown>>;
  readonly schedule: Schedule;
  /** seconds */
  readonly ttl: number;
  readonly timeoutMs: number;
  readonly critical: Criticality;
  readonly maxAgeMs: number;
  readonly place: Place;
}

export interface ForEach {
  readonly delegate: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly timeoutMs: number;
}

export interface ResourceConfig {
  /** a template, as name and description are: references are not yet resolved */
  readonly id: string;
  readonly name?: string;
  readonly description?: string;
  readonly scopes: readonly string[];
  readonly forEach?: ForEach;
  /** when `forEach` lists its rows again */
  readonly schedule: Schedule;
  readonly facets: readonly FacetConfig[];
  readonly place: Place;
}

export interface KeeperConfig {
  readonly file: string;
  /** SHA-256 of the file, in lower-case hexadecimal digits */
  readonly digest: string;
  /** the manager of its facets */
  readonly name: string;
  readonly directory: { readonly url?: string; readonly token?: SecretReference };
  readonly schedule: Schedule;
  readonly scopes: readonly string[];
  readonly delegates: { readonly folders: readonly string[]; readonly packages: readonly string[] };
  /** variables of the environment that `${env:NAME}` may name */
  readonly env: readonly string[];
  /** what becomes of its facets when it stops: they go at once, when their leases end, or never */
  readonly leave: 'withdraw' | 'expire' | 'stay';
  /** executables that run at once */
  readonly parallel: number;
  readonly resources: readonly ResourceConfig[];
}
