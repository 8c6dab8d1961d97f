/** The sign of life: leases of all that is held and still believed are renewed, in one request. */
import type { Client } from '../../client/index.js';
import type { NameKey } from '../../model/index.js';
import { type ResourceState, wantedOf } from '../state.js';

export interface Renewed {
  readonly resources: number;
  readonly facets: number;
  /** resources in which something is gone, or is somebody else's: they are to be published */
  readonly lost: readonly ResourceState[];
}

interface Asked {
  readonly resource: ResourceState;
  readonly facets: readonly NameKey[];
}

export async function renewLeases(client: Client, manager: string, resources: Iterable<ResourceState>, now: number): Promise<Renewed> {
  const lost = new Set<ResourceState>();
  let facets = 0;
  const asked = [...resources].flatMap((resource): Asked[] => {
    const alive = aliveIn(resource, now);
    return alive.length === 0 ? [] : [{ resource, facets: alive }];
  });
  const refused = await ask(asked);
  // One facet that is not the keeper's has kept all of its resource from being renewed: each by itself, then.
  await ask(refused.flatMap(({ resource, facets: all }) => all.map((one) => ({ resource, facets: [one] }))));
  return { resources: asked.length, facets, lost: [...lost] };

  async function ask(some: readonly Asked[]): Promise<readonly Asked[]> {
    if (some.length === 0) return [];
    const results = await client.renew(
      some.map(({ resource, facets: names }) => ({ id: resource.plan.id, facets: names })),
      { manager },
    );
    return results.flatMap((result, i) => {
      const one = some[i] as Asked;
      const held = one.resource.held?.facets;
      if ('leases' in result) {
        for (const { facet, ttl, state } of result.leases) {
          const known = held?.get(facet);
          if (known === undefined) continue;
          facets++;
          const wished = ttlOf(one.resource, facet);
          // What has expired may be swept at any moment.
          if (state === 'expired' || ttl !== wished) lose(one.resource, facet);
          else held?.set(facet, { ...known, ttl });
        }
        return [];
      }
      if (result.code === 'not-found') {
        one.resource.held = undefined;
        lost.add(one.resource);
        return [];
      }
      if (one.facets.length > 1) return [one];
      for (const facet of one.facets) lose(one.resource, facet);
      return [];
    });
  }

  function lose(resource: ResourceState, facet: NameKey): void {
    resource.held?.facets.delete(facet);
    lost.add(resource);
  }
}

function aliveIn(resource: ResourceState, now: number): readonly NameKey[] {
  const { held } = resource;
  if (held === undefined || held.facets.size === 0) return [];
  const wanted = wantedOf(resource, now);
  return [...held.facets.keys()].filter((key) => wanted?.get(key)?.alive === true);
}

function ttlOf(resource: ResourceState, facet: NameKey): number | undefined {
  for (const { task, good } of resource.tasks.values()) if (good?.facets.some(({ key }) => key === facet)) return task.entry.ttl;
  return undefined;
}
