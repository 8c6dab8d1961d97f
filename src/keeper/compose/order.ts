/** Who runs after whom. */
import type { Claim } from './claims.js';

export interface Ordered extends Claim {
  readonly after: readonly string[];
}

/** Members of circles are left out; `circles`: their names, in the order in which they require each other. */
export function ordered(claims: readonly Claim[]): {
  readonly ordered: readonly Ordered[];
  readonly circles: readonly (readonly string[])[];
} {
  const byName = new Map(claims.map((claim): [string, Ordered] => [claim.delegate.name, { ...claim, after: providersOf(claim, claims) }]));
  const circles: string[][] = [];
  const done = new Set<string>();
  for (const name of byName.keys()) visit(name, []);
  const caught = new Set(circles.flat());
  return { ordered: [...byName.values()].filter(({ delegate }) => !caught.has(delegate.name)).map(without(caught)), circles };

  function visit(name: string, path: readonly string[]): void {
    const at = path.indexOf(name);
    if (at >= 0) circles.push(path.slice(at));
    if (at >= 0 || done.has(name)) return;
    for (const before of byName.get(name)?.after ?? []) visit(before, [...path, name]);
    done.add(name);
  }
}

function providersOf({ delegate }: Claim, claims: readonly Claim[]): readonly string[] {
  return claims
    .filter((other) => other.delegate.provides.some((facet) => delegate.requires.includes(facet)))
    .map((other) => other.delegate.name);
}

function without(caught: ReadonlySet<string>): (one: Ordered) => Ordered {
  return (one) => ({ ...one, after: one.after.filter((name) => !caught.has(name)) });
}
