/**
 * client/: how do I use it from anywhere? Publish, read and discover over `fetch`, in Node and in browsers; facets as
 * objects. Knows nothing of how the directory works inside. The package exports it as `facetry/client`.
 *
 *     import { connect } from 'facetry/client';
 *     const directory = connect('http://127.0.0.1:8080');
 *     for await (const found of directory.discover('//host:host/host:hostname')) console.log(found);
 */
export {
  type ExpandedName,
  type ExplainedElement,
  type Notice,
  PROBLEMS,
  Problem,
  type ProblemCode,
  RESOURCE_NS,
  type Violation,
} from '../model/index.js';
export type * from './answers.js';
export { type BulkOptions, type BulkViolation, bulkAddress } from './bulk.js';
export { type AskOptions, type CallOptions, type Client, connect, type Resource, type WriteOptions } from './client.js';
export { type DocumentSource, textOf } from './documents.js';
export { accepting, RequestProblem, Unreachable } from './errors.js';
export { type Facet, type FacetObject, type FacetValue, facetValue, list, type ResourceDocument, readResource } from './facets.js';
export type { LeasesOf, Renewal, RenewedLease, RenewOptions } from './leases.js';
export type { ClientOptions, RequestOptions, Transport } from './transport.js';
export * from './typed/index.js';
export type { WatchEvent, WatchOptions } from './watch.js';
