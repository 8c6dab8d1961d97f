/** A resource as the keeper would have it, and as the directory has it. */
import { type NameKey, RESOURCE_NS } from '../../model/index.js';
import { assembleParts, type CanonicalParts, escapeAttribute, partsOf, sameFacet, simpleElement } from '../../xml/index.js';
import type { ResourcePlan } from '../compose/index.js';
import type { Held, HeldFacet, Wanted } from '../state.js';

/** The whole document of a new resource. */
export function documentOf(plan: ResourcePlan, facets: Iterable<Wanted>): string {
  const element = (local: 'name' | 'description' | 'scope', text: string | undefined) =>
    text === undefined ? '' : simpleElement('r', local, text);
  const scopes = plan.scopes.map((scope) => element('scope', scope)).join('');
  const head = `${element('name', plan.name)}${element('description', plan.description)}${scopes}`;
  const body = [...facets].map(({ facet }) => facet.xml).join('');
  return `<r:resource xmlns:r="${RESOURCE_NS}" id="${escapeAttribute(plan.id)}">${head}${body}</r:resource>`;
}

/** `Facetry-TTL` for these facets. */
export function ttlsOf(facets: Iterable<Wanted>): string {
  return [...facets].map(({ facet, ttl }) => `${facet.key}=${ttl}`).join(', ');
}

/** What is already there of what is wanted. Facets that say something else are not held: they are written anew. */
export function heldIn(xml: string, plan: ResourcePlan, wanted: ReadonlyMap<NameKey, Wanted>): Held {
  const parts = partsOf(xml);
  const facets = new Map<NameKey, HeldFacet>();
  for (const there of parts.facets) {
    const mine = wanted.get(there.key)?.facet;
    if (mine === undefined) continue;
    const alone = partsOf(mine.canonical);
    const [facet] = alone.facets;
    if (facet !== undefined && sameFacet(parts, alone, there, facet)) facets.set(there.key, { canonical: mine.canonical, ttl: undefined });
  }
  return {
    facets,
    name: textIn(parts, 'name', plan.name),
    description: textIn(parts, 'description', plan.description),
    // Scopes that somebody else gave it are left to them.
    scopes: parts.scopes.filter((scope) => plan.scopes.includes(scope)),
  };
}

/** The text that was asked about if it stands there; otherwise whatever else. */
function textIn(parts: CanonicalParts, local: 'name' | 'description', asked: string | undefined): string | undefined {
  if (asked !== undefined && parts[local] === simpleElement(parts.rootPrefix, local, asked)) return asked;
  return parts[local] === '' ? undefined : parts[local];
}

/** The document with another name and description; what the plan leaves out stays. */
export function renamed(xml: string, { name, description }: ResourcePlan): string {
  const parts = partsOf(xml);
  return assembleParts({
    ...parts,
    ...(name === undefined ? {} : { name: simpleElement(parts.rootPrefix, 'name', name) }),
    ...(description === undefined ? {} : { description: simpleElement(parts.rootPrefix, 'description', description) }),
  });
}
