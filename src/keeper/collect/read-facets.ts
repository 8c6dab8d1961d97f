/** Is what a delegate gave a facet it may give? By the rules of the directory, before anything is sent to it. */
import { type NameKey, type Problem, RESOURCE_NS } from '../../model/index.js';
import { partsOf, type XmlReader } from '../../xml/index.js';
import type { FoundDelegate } from '../found-delegate.js';
import { DelegateFailure } from '../runtime/index.js';

/** A facet as it is sent, and as it is compared. */
export interface KeptFacet {
  readonly key: NameKey;
  /** the delegate's text; namespaces declared in it */
  readonly xml: string;
  /** the canonical document of a resource that holds this facet and nothing else */
  readonly canonical: string;
}

/** Rejects with DelegateFailure that names the place. */
export async function readFacets(
  reader: XmlReader,
  delegate: Pick<FoundDelegate, 'provides'>,
  texts: readonly string[],
): Promise<readonly KeptFacet[]> {
  const bare = texts.map((text) => text.replace(/^\uFEFF?\s*<\?xml[^>]*\?>/, '').trim());
  const results = await reader.readMany(
    bare.map((text) => ({ bytes: new TextEncoder().encode(`${OPEN}${text}${CLOSE}`), origin: ORIGIN })),
  );
  const facets = new Map<NameKey, KeptFacet>();
  results.forEach((result, i) => {
    if (!result.ok) throw new DelegateFailure('failed', said(result.problem));
    const canonical = result.resource.xml;
    const parts = partsOf(canonical);
    const [facet, ...others] = parts.facets;
    if (facet === undefined || others.length > 0 || parts.scopes.length > 1 || parts.name !== '' || parts.description !== '')
      throw new DelegateFailure('failed', `it gave ${parts.facets.length} facets in one text: put an empty line between them`);
    if (!delegate.provides.includes(facet.key))
      throw new DelegateFailure('failed', `it gave ${facet.key}, which is not among what it provides: ${delegate.provides.join(', ')}`);
    if (facets.has(facet.key)) throw new DelegateFailure('failed', `it gave ${facet.key} twice`);
    facets.set(facet.key, { key: facet.key, xml: bare[i] as string, canonical });
  });
  return [...facets.values()];
}

const OPEN = `<k:resource xmlns:k="${RESOURCE_NS}" id="k"><k:scope>/k</k:scope>`;
const CLOSE = '</k:resource>';
/** so that places are told as they are in the delegate's text */
const ORIGIN = { line: 1, column: 1 - OPEN.length };

function said(problem: Problem): string {
  const [first] = problem.violations;
  if (first === undefined) return problem.message;
  const place = first.path ?? (first.line === undefined ? undefined : `line ${first.line}`);
  return `what it gave is not valid${place === undefined ? '' : ` at ${place}`}: ${first.message}`;
}
