/** Does one arrangement of elements take everything that another one takes? Names, order, choices and repetition; not types. */
import { nameKey } from '../../model/index.js';
import type { ComplexModel, Particle } from './model.js';
import type { SchemaModels } from './schema-models.js';

/** Steps of one comparison; beyond it the answer is no. */
const MOST = 20_000;

export interface Arrangement {
  readonly models: SchemaModels;
  readonly type: ComplexModel;
}

/** Elements one after the other, each by itself: what may stand there is said by how often each may. */
export function isPlain({ models, type }: Arrangement): boolean {
  const content = contentOf(models, type, 0);
  return content === undefined || plain(models, content, new Set());
}

/** On the safe side: no also means that it cannot be seen. */
export function takesAll(before: Arrangement, after: Arrangement): boolean {
  const [one, two] = [contentOf(before.models, before.type, 0), contentOf(after.models, after.type, 0)];
  if (one === undefined) return two === undefined || canBeEmpty(two, 0);
  if (two === undefined) return false;
  let steps = 0;
  return wider(one, two);

  function wider(a: Particle, b: Particle): boolean {
    if (++steps > MOST || b.min > a.min || b.max < a.max) return false;
    if (a.kind === 'element' && b.kind === 'element') return nameKey(a.element.name) === nameKey(b.element.name);
    if (a.kind === 'any' && b.kind === 'any') return a.namespace === b.namespace || b.namespace === '##any';
    const [inA, inB] = [partsOf(before.models, a), partsOf(after.models, b)];
    if (inA === undefined || inB === undefined || inA.kind !== inB.kind) return false;
    if (inA.kind === 'choice') return inA.parts.every((part) => inB.parts.some((other) => wider(part, other)));
    if (inA.kind === 'all') {
      return (
        inA.parts.every((part) => inB.parts.some((other) => wider(part, other))) &&
        inB.parts.every((other) => canBeEmpty(other, 0) || inA.parts.some((part) => wider(part, other)))
      );
    }
    let at = 0;
    for (const part of inA.parts) {
      while (at < inB.parts.length && !wider(part, inB.parts[at]) && canBeEmpty(inB.parts[at], 0)) at++;
      if (at === inB.parts.length || !wider(part, inB.parts[at])) return false;
      at++;
    }
    return inB.parts.slice(at).every((part) => canBeEmpty(part, 0));
  }
}

function partsOf(models: SchemaModels, particle: Particle): Extract<Particle, { parts: readonly Particle[] }> | undefined {
  if (particle.kind === 'element' || particle.kind === 'any') return undefined;
  if (particle.kind !== 'group') return particle;
  const group = models.of(particle.name.ns)?.groups.get(particle.name.local);
  return group === undefined || !('parts' in group) ? undefined : group;
}

/** `seen`: groups that were looked at; one of them that is not plain has ended it all. */
function plain(models: SchemaModels, particle: Particle, seen: Set<Particle>): boolean {
  if (particle.kind === 'element' || particle.kind === 'any') return true;
  if (particle.kind === 'choice' || particle.min !== 1 || particle.max !== 1) return false;
  const inside = partsOf(models, particle);
  if (inside === undefined || inside.kind === 'choice') return false;
  if (seen.has(inside)) return true;
  seen.add(inside);
  return inside.parts.every((part) => plain(models, part, seen));
}

function canBeEmpty(particle: Particle, depth: number): boolean {
  if (particle.min === 0) return true;
  if (depth > 50 || !('parts' in particle)) return false;
  return particle.kind === 'choice'
    ? particle.parts.some((part) => canBeEmpty(part, depth + 1))
    : particle.parts.every((part) => canBeEmpty(part, depth + 1));
}

/** With that of the type that is extended. */
function contentOf(models: SchemaModels, type: ComplexModel, depth: number): Particle | undefined {
  const base = type.base?.by === 'extension' && depth < 50 ? models.type(type.base.type) : undefined;
  const inherited = base?.kind === 'complex' ? contentOf(models, base, depth + 1) : undefined;
  if (inherited === undefined || type.content === undefined) return inherited ?? type.content;
  return { kind: 'sequence', min: 1, max: 1, parts: [inherited, type.content] };
}
