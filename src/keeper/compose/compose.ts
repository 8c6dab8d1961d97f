/** A keeper's file and the delegates that were found → what is to be kept. */
import { fill, type KeeperConfig, type ResourceConfig } from '../config/index.js';
import type { Row } from '../delegate.js';
import type { FoundDelegate } from '../found-delegate.js';
import { claimsOf } from './claims.js';
import { ordered } from './order.js';
import type { Composition, Refusal, ResourcePlan } from './plan.js';

/**
 * `rowsOf`: what the delegate of a `for-each` listed; undefined: it has not answered yet, and there are none of its resources.
 * Nothing throws: what cannot be is refused by itself.
 */
export function compose(
  config: KeeperConfig,
  delegates: readonly FoundDelegate[],
  rowsOf: (resource: ResourceConfig) => readonly Row[] | undefined,
): Composition {
  const refusals: Refusal[] = [];
  const resources = new Map<string, ResourcePlan>();
  for (const resource of config.resources) {
    const rows = resource.forEach === undefined ? [undefined] : (rowsOf(resource) ?? []);
    for (const row of rows) {
      const { place } = resource;
      try {
        const plan = planOf(config, resource, row, delegates, refusals);
        const other = resources.get(plan.id);
        if (other === undefined) resources.set(plan.id, plan);
        else refusals.push({ resource: plan.id, why: `two resources have the id "${plan.id}": ${where(other)} and ${where(plan)}`, place });
      } catch (error) {
        refusals.push({ resource: resource.id, why: (error as Error).message, place });
      }
    }
  }
  return { resources: [...resources.values()], refusals };
}

function planOf(
  { env }: KeeperConfig,
  resource: ResourceConfig,
  row: Row | undefined,
  delegates: readonly FoundDelegate[],
  refusals: Refusal[],
): ResourcePlan {
  const surroundings = { env, ...(row === undefined ? {} : { row }) };
  const id = fill(resource.id, surroundings);
  const claimed = claimsOf(resource, id, delegates);
  refusals.push(...claimed.refusals);
  const { ordered: tasks, circles } = ordered(claimed.claims);
  for (const circle of circles) {
    const [first] = circle;
    const { place } = claimed.claims.find(({ delegate }) => delegate.name === first)?.entry ?? resource;
    const names = [...circle, first].map((name) => `"${name}"`).join(' after ');
    refusals.push({ resource: id, delegate: circle.join(', '), why: `they require each other's facets: ${names}`, place });
  }
  return {
    id,
    ...(resource.name === undefined ? {} : { name: fill(resource.name, surroundings) }),
    ...(resource.description === undefined ? {} : { description: fill(resource.description, surroundings) }),
    scopes: resource.scopes,
    ...(row === undefined ? {} : { row }),
    tasks,
    place: resource.place,
  };
}

function where({ place, row }: ResourcePlan): string {
  return `line ${place.line}${row === undefined ? '' : ` (row ${JSON.stringify(row)})`}`;
}
