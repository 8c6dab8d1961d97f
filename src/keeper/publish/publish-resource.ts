/** Brings one resource in the directory to what is wanted of it, by as few writes as there are differences. */
import { type Client, RequestProblem } from '../../client/index.js';
import type { NameKey, Scope } from '../../model/index.js';
import { isComplete, mayStillCome, type ResourceState, type Wanted, wantedOf } from '../state.js';
import { documentOf, heldIn, renamed, ttlsOf } from './document.js';

/** Something that was written. */
export interface Written {
  readonly what: 'created' | 'renamed' | 'scoped' | 'facet' | 'facet-removed' | 'removed';
  readonly facet?: NameKey;
}

/** Others may write at the same time: so often it is looked at again. */
const ROUNDS = 5;

/**
 * Resolves to what was written; empty when nothing differed. `now`: ms since the epoch.
 * Rejects with RequestProblem when the directory refuses, Unreachable when it does not answer; what was written until then is noted.
 */
export async function publishResource(
  client: Client,
  manager: string,
  resource: ResourceState,
  now: () => number,
): Promise<readonly Written[]> {
  const written: Written[] = [];
  for (let round = 1; ; round++) {
    try {
      await bring(client, manager, resource, now, written);
      return written;
    } catch (error) {
      if (round === ROUNDS || !(error instanceof RequestProblem) || !OVERTAKEN.has(error.code)) throw error;
      // Somebody made or removed it meanwhile: what there is must be read anew.
      resource.held = undefined;
    } finally {
      if (written.length > 0) resource.publishedAt = now();
    }
  }
}

const OVERTAKEN = new Set(['precondition-failed', 'already-exists', 'not-found']);

async function bring(client: Client, manager: string, resource: ResourceState, now: () => number, written: Written[]): Promise<void> {
  const { plan } = resource;
  const wanted = wantedOf(resource, now());
  if (wanted === undefined) return;
  const alive = [...wanted.values()].filter((one) => one.alive);
  const there = resource.held === undefined ? await client.get(plan.id) : undefined;
  if (resource.held === undefined && there === undefined) {
    if (alive.length === 0) return;
    await client.put(plan.id, documentOf(plan, alive), { ifAbsent: true, manager, ttl: ttlsOf(alive) });
    resource.held = { facets: new Map(), name: plan.name, description: plan.description, scopes: plan.scopes };
    for (const one of alive) note(resource, one);
    written.push({ what: 'created' });
    return;
  }
  if (there !== undefined) resource.held = heldIn(there.xml, plan, wanted);
  await bringEnvelope(client, manager, resource, written);
  for (const one of alive) {
    const { key, xml, canonical } = one.facet;
    const held = resource.held?.facets.get(key);
    // A lease of a length that is not yet known is told by its renewal.
    if (held?.canonical === canonical && (held.ttl === undefined || held.ttl === one.ttl)) continue;
    await client.putFacet(plan.id, key, xml, { manager, ttl: one.ttl });
    note(resource, one);
    written.push({ what: 'facet', facet: key });
  }
  await removeUnwanted(client, manager, resource, wanted, written);
}

async function bringEnvelope(client: Client, manager: string, resource: ResourceState, written: Written[]): Promise<void> {
  const { plan, held } = resource;
  if (held === undefined) return;
  if (differs(plan.name, held.name) || differs(plan.description, held.description)) {
    const current = await client.get(plan.id);
    if (current === undefined) throw new RequestProblem('not-found', { detail: `there is no resource "${plan.id}"` }, { status: 404 });
    await client.put(plan.id, renamed(current.xml, plan), { ifMatch: current.etag, manager });
    written.push({ what: 'renamed' });
    held.name = plan.name;
    held.description = plan.description;
  }
  for (const scope of plan.scopes.filter((one) => !held.scopes.includes(one))) {
    await client.addScope(plan.id, scope as Scope, { manager });
    written.push({ what: 'scoped' });
  }
  for (const scope of held.scopes.filter((one) => !plan.scopes.includes(one))) {
    await client.removeScope(plan.id, scope as Scope, { manager });
    written.push({ what: 'scoped' });
  }
  held.scopes = plan.scopes;
}

function differs(wanted: string | undefined, held: string | undefined): boolean {
  return wanted !== undefined && wanted !== held;
}

/** Facets that were published and are no longer given go; with the last one, the resource. */
async function removeUnwanted(
  client: Client,
  manager: string,
  resource: ResourceState,
  wanted: ReadonlyMap<NameKey, Wanted>,
  written: Written[],
): Promise<void> {
  if (!isComplete(resource)) return;
  const maybe = mayStillCome(resource);
  for (const key of [...(resource.held?.facets.keys() ?? [])]) {
    if (wanted.has(key) || maybe.has(key) || resource.abandoned.has(key)) continue;
    written.push(await removeFacet(client, manager, resource.plan.id, key));
    resource.held?.facets.delete(key);
  }
}

/** Removes a facet, or the resource when it has no other one. */
export async function removeFacet(client: Client, manager: string, id: string, key: NameKey): Promise<Written> {
  try {
    await client.removeFacet(id, key, { manager });
    return { what: 'facet-removed', facet: key };
  } catch (error) {
    if (!(error instanceof RequestProblem) || error.code !== 'conflict') throw error;
    await client.remove(id, { manager });
    return { what: 'removed' };
  }
}

function note(resource: ResourceState, { facet, ttl }: Wanted): void {
  resource.held?.facets.set(facet.key, { canonical: facet.canonical, ttl });
}
