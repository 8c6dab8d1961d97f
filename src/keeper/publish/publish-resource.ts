/** Brings one resource in the directory to what is wanted of it, by as few writes as there are differences. */
import { type Client, RequestProblem } from '../../client/index.js';
import type { NameKey, Scope } from '../../model/index.js';
import { isComplete, mayStillCome, type ResourceState, type Wanted, wantedOf } from '../state.js';
import { isAway } from './backoff.js';
import { documentOf, heldIn, renamed, ttlsOf } from './document.js';

/** Something that was written. */
export interface Written {
  readonly what: 'created' | 'renamed' | 'scoped' | 'facet' | 'facet-removed' | 'removed';
  readonly facet?: NameKey;
}

export interface Outcome {
  /** empty when nothing differed */
  readonly written: readonly Written[];
  /** what the directory will not have, if anything; all else was written */
  readonly refusals: readonly RequestProblem[];
}

/** Others may write at the same time: so often it is looked at again. */
const ROUNDS = 5;

/** `now`: ms since the epoch. Rejects with what `isAway` knows; what was written until then is noted in the resource. */
export async function publishResource(client: Client, manager: string, resource: ResourceState, now: () => number): Promise<Outcome> {
  const written: Written[] = [];
  for (let round = 1; ; round++) {
    try {
      return { written, refusals: await bring(client, manager, resource, now, written) };
    } catch (error) {
      if (!(error instanceof RequestProblem) || isAway(error)) throw error;
      if (round === ROUNDS || !OVERTAKEN.has(error.code)) return { written, refusals: [error] };
      // Somebody made or removed it meanwhile: what there is must be read anew.
      resource.held = undefined;
    }
  }
}

const OVERTAKEN = new Set(['precondition-failed', 'already-exists', 'not-found']);

/** Resolves to what was refused. */
async function bring(
  client: Client,
  manager: string,
  resource: ResourceState,
  now: () => number,
  written: Written[],
): Promise<readonly RequestProblem[]> {
  const { plan } = resource;
  const wanted = wantedOf(resource, now());
  if (wanted === undefined) return [];
  const alive = [...wanted.values()].filter((one) => one.alive);
  if (resource.held === undefined) {
    const there = await client.get(plan.id);
    if (there !== undefined) resource.held = heldIn(there.xml, plan, wanted);
    else if (alive.length === 0) return [];
    else await create(client, manager, resource, alive, written);
  }
  const refusals: RequestProblem[] = [];
  /** What is refused keeps nothing else back. */
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refusals.push(error);
    }
  };
  await attempt(() => bringEnvelope(client, manager, resource, written));
  for (const one of alive) {
    const { key, xml, canonical } = one.facet;
    const held = resource.held?.facets.get(key);
    // A lease of a length that is not yet known is told by its renewal.
    if (held?.canonical === canonical && (held.ttl === undefined || held.ttl === one.ttl)) continue;
    await attempt(async () => {
      await client.putFacet(plan.id, key, xml, { manager, ttl: one.ttl });
      note(resource, one);
      written.push({ what: 'facet', facet: key });
    });
  }
  await attempt(() => removeUnwanted(client, manager, resource, wanted, written));
  return refusals;
}

/** By one write if it can be; with the first facet that is not refused otherwise, and the others have their turn after it. */
async function create(
  client: Client,
  manager: string,
  resource: ResourceState,
  alive: readonly Wanted[],
  written: Written[],
): Promise<void> {
  const { plan } = resource;
  let refusal: RequestProblem | undefined;
  for (const facets of alive.length === 1 ? [alive] : [alive, ...alive.map((one) => [one])]) {
    try {
      await client.put(plan.id, documentOf(plan, facets), { ifAbsent: true, manager, ttl: ttlsOf(facets) });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refusal ??= error;
      continue;
    }
    resource.held = { facets: new Map(), name: plan.name, description: plan.description, scopes: plan.scopes };
    for (const one of facets) note(resource, one);
    written.push({ what: 'created' });
    return;
  }
  throw refusal;
}

/** The directory will not have it, however often it is sent; it is there, and nobody was faster. */
function isRefusal(error: unknown): error is RequestProblem {
  return error instanceof RequestProblem && !OVERTAKEN.has(error.code) && !isAway(error);
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
