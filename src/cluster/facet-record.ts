/** One facet of a resource as an object: read with its entity tag, written only over what was read. */
import { type Client, type FacetType, RESOURCE_NS, RequestProblem, readResource, facet as readTyped, writeFacet } from '../client/index.js';

export interface FacetRecord<T> {
  readonly id: string;
  readonly state: T;
  readonly etag: string;
}

/** Whoever keeps clusters writes under this name, so that their facets belong to all of them. */
export const MANAGER = 'clusters';

const nameOf = ({ name }: FacetType<unknown>) => `Q{${name.ns}}${name.local}`;

export async function readRecord<T>(client: Client, id: string, type: FacetType<T>): Promise<FacetRecord<T> | undefined> {
  const found = await client.facet(id, nameOf(type));
  if (found === undefined) return undefined;
  const around = `<resource xmlns="${RESOURCE_NS}">${found.xml.replace(/^<\?xml[^>]*\?>/, '')}</resource>`;
  const state = readTyped(readResource(around), type);
  return state && { id, state, etag: found.etag };
}

/** False when somebody else was faster: read again. */
export async function writeRecord<T>(client: Client, type: FacetType<T>, { id, etag }: FacetRecord<T>, state: T): Promise<boolean> {
  try {
    await client.putFacet(id, nameOf(type), writeFacet(type, state), { ifMatch: etag, manager: MANAGER });
    return true;
  } catch (error) {
    if (error instanceof RequestProblem && error.code === 'precondition-failed') return false;
    throw error;
  }
}
