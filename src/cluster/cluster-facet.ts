/** The facet `cluster` as data: all that is known of a cluster, and all that is needed to go on after a crash. */
import { type FieldType, facetType, type SimpleType } from '../client/index.js';

export type ClusterStatus =
  | 'requested'
  | 'creating'
  | 'ready'
  | 'updating'
  | 'checking'
  | 'releasing'
  | 'released'
  | 'failed'
  | 'free-failed';
export type Reuse = 'never' | 'if-ready' | 'if-any';
export type OnFailure = 'keep' | 'delete' | 'retry';

export interface Holder {
  readonly leaseId: string;
  readonly owner: string;
  readonly expiresAt: Date;
}

/** One value, list or map. */
export interface Content {
  readonly value?: string;
  readonly list?: { readonly item?: readonly Content[] };
  readonly map?: { readonly entry?: readonly (Content & { readonly key: string })[] };
}

export interface Output extends Content {
  readonly name: string;
  readonly type?: string;
}

export interface ClusterState {
  readonly implementationRef: string;
  readonly siteRef: string;
  readonly applianceRef?: string;
  readonly owner?: string;
  readonly status: ClusterStatus;
  readonly reason?: string;
  readonly stackName?: string;
  readonly stackId?: string;
  readonly createdAt?: Date;
  readonly updatedAt?: Date;
  readonly expiresAt?: Date;
  readonly credentialRef?: string;
  readonly reuse?: Reuse;
  readonly maxHolders?: number;
  readonly idleSeconds?: number;
  readonly idleSince?: Date;
  readonly onFailure?: OnFailure;
  readonly retries?: number;
  readonly attempt?: number;
  readonly clearing?: boolean;
  readonly statusSince?: Date;
  readonly timeoutSeconds?: number;
  readonly freeReason?: string;
  readonly abandon?: boolean;
  readonly vaultRef?: string;
  /** see `sealOf` */
  readonly seal?: string;
  /** of a change that is wanted and not carried out yet */
  readonly updateId?: string;
  /** it waits to be let in, as one of so many of its owner */
  readonly quota?: number;
  readonly holders?: { readonly holder: readonly Holder[] };
  readonly parametersDigest?: string;
  readonly parameters?: { readonly parameter: readonly { readonly name: string; readonly value: string }[] };
  readonly outputs?: { readonly output: readonly Output[] };
}

const NS = 'urn:facetry:cluster';
type Fields = readonly FieldType[];

const one = (key: string, type: SimpleType | Fields = 'string'): FieldType => ({
  key,
  ns: NS,
  local: key,
  type: Array.isArray(type) ? () => ({ fields: type as Fields }) : (type as SimpleType),
});
const many = (key: string, fields: Fields): FieldType => ({ ...one(key, fields), many: true });
const deferred = (key: string, fields: () => Fields): FieldType => ({ key, ns: NS, local: key, type: () => ({ fields: fields() }) });

const CONTENT: Fields = [
  one('value'),
  deferred('list', () => [{ ...deferred('item', () => CONTENT), many: true }]),
  deferred('map', () => [{ ...deferred('entry', () => [one('key'), ...CONTENT]), many: true }]),
];
const NODE: Fields = [one('hostRef'), one('hostname'), one('address'), one('role')];

/** Fields in the order of the schema. */
export const Cluster = facetType<ClusterState>(
  { ns: NS, local: 'cluster' },
  'cluster',
  { [NS]: 'cluster' },
  {
    fields: [
      ...['implementationRef', 'siteRef', 'applianceRef', 'owner', 'status', 'reason', 'stackName', 'stackId'].map((key) => one(key)),
      ...['createdAt', 'updatedAt', 'expiresAt'].map((key) => one(key, 'date')),
      one('credentialRef'),
      one('reuse'),
      one('maxHolders', 'number'),
      one('idleSeconds', 'number'),
      one('idleSince', 'date'),
      one('onFailure'),
      one('retries', 'number'),
      one('attempt', 'number'),
      one('clearing', 'boolean'),
      one('statusSince', 'date'),
      one('timeoutSeconds', 'number'),
      one('freeReason'),
      one('abandon', 'boolean'),
      one('vaultRef'),
      one('seal'),
      one('updateId'),
      one('quota', 'number'),
      one('holders', [many('holder', [one('leaseId'), one('owner'), one('expiresAt', 'date')])]),
      one('parametersDigest'),
      one('parameters', [many('parameter', [one('name'), one('value')])]),
      one('nodes', [many('node', NODE)]),
      one('outputs', [many('output', [one('name'), one('type'), ...CONTENT])]),
    ],
  },
);

/** Made by others, and only described here (by a keeper): there is no way into its site, so nothing is ever done to it. */
export function isDescribed({ credentialRef }: ClusterState): boolean {
  return credentialRef === undefined;
}

export function holdersOf(state: ClusterState): readonly Holder[] {
  return state.holders?.holder ?? [];
}

/** A holder list in a state; the schema has no empty one. */
export function withHolders(state: ClusterState, holders: readonly Holder[]): ClusterState {
  const { holders: _, expiresAt: __, ...rest } = state;
  if (holders.length === 0) return rest;
  const last = Math.max(...holders.map(({ expiresAt }) => expiresAt.getTime()));
  return { ...rest, holders: { holder: holders }, expiresAt: new Date(last) };
}
