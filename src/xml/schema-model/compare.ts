/**
 * What changes from one schema of a namespace to the next. A change is compatible when every facet that was valid stays valid. The
 * judgement is on the safe side: what cannot be seen to be compatible is not.
 */
import { nameKey } from '../../model/index.js';
import { isPlain, takesAll } from './groups.js';
import type { ComplexModel, ElementModel, Particle, SimpleModel, TypeModel, TypeRef } from './model.js';
import { type SchemaModels, typeName } from './schema-models.js';

export interface SchemaChange {
  /** `site/quota/vcpus` */
  readonly path: string;
  readonly what: string;
  readonly compatible: boolean;
}

/** Steps of comparing; beyond it, the rest counts as one incompatible change. */
const MOST = 20_000;

/** Bounds, by the direction in which they may move. */
const MAY_FALL = new Set(['minLength', 'minInclusive', 'minExclusive']);
const MAY_RISE = new Set(['maxLength', 'maxInclusive', 'maxExclusive', 'totalDigits', 'fractionDigits']);

export function compareSchemas(ns: string, before: SchemaModels, after: SchemaModels): readonly SchemaChange[] {
  const changes: SchemaChange[] = [];
  const seen = new Set<string>();
  let steps = 0;
  const prefixOf = (other: string) => (other === ns ? '' : undefined);
  const note = (path: string, what: string, compatible: boolean) => void changes.push({ path, what, compatible });

  const [old, next] = [before.of(ns), after.of(ns)];
  for (const element of old?.elements ?? []) {
    const now = next?.elements.find(({ name }) => name.local === element.name.local);
    // What no schema declares is accepted, so even then nothing becomes invalid; but nothing is checked any more either.
    if (now === undefined) note(element.name.local, 'is no longer declared: such facets are not checked any more', false);
    else compareElements(element.name.local, element, now);
  }
  for (const { name } of next?.elements ?? []) {
    if (old?.elements.every((one) => one.name.local !== name.local))
      note(name.local, 'is declared: such facets were not checked before', false);
  }
  if (steps > MOST) note('', 'there is more than can be compared', false);
  return changes;

  function compareElements(path: string, a: ElementModel, b: ElementModel): void {
    if (a.nillable === true && b.nillable !== true) note(path, 'may no longer be nil', false);
    compareRefs(path, a.type, b.type);
  }

  function compareRefs(path: string, a: TypeRef | undefined, b: TypeRef | undefined): void {
    if (++steps > MOST) return;
    if (a !== undefined && b !== undefined && 'named' in a && 'named' in b) {
      const key = `${nameKey(a.named)} ${nameKey(b.named)}`;
      if (seen.has(key)) return;
      seen.add(key);
    }
    if (b === undefined) {
      if (a !== undefined) note(path, 'may be anything now', true);
      return;
    }
    const [one, two] = [a && before.type(a), after.type(b)];
    if (one?.kind === 'complex' && two?.kind === 'complex') compareComplex(path, one, two);
    else if (isText(one) && isText(two)) compareText(path, a, b, one, two);
    else note(path, `was ${typeName(a, prefixOf)}, is ${typeName(b, prefixOf)}`, false);
  }

  function isText(model: TypeModel | undefined): model is SimpleModel | undefined {
    return model === undefined || model.kind === 'simple';
  }

  function compareText(path: string, a: TypeRef | undefined, b: TypeRef, one: SimpleModel | undefined, two: SimpleModel | undefined): void {
    const [from, to] = [before.builtin(a), after.builtin(b)];
    if (from !== to && !isWider(from, to)) note(path, `was ${from ?? 'anything'}, is ${to ?? 'something else'}`, false);
    else if (from !== to) note(path, `was ${from}, may be any ${to} now`, true);
    const [values, left] = [valuesOf(before, one), valuesOf(after, two)];
    for (const value of values) if (left.size > 0 && !left.has(value)) note(path, `may no longer be "${value}"`, false);
    for (const value of left) if (values.size > 0 && !values.has(value)) note(path, `may be "${value}" now`, true);
    if (values.size === 0 && left.size > 0) note(path, 'is one of few values now', false);
    if (values.size > 0 && left.size === 0) note(path, 'is no longer one of few values', true);
    const [had, has] = [boundsOf(before, one), boundsOf(after, two)];
    for (const name of new Set([...had.keys(), ...has.keys()])) {
      const [was, is] = [had.get(name), has.get(name)];
      if (was !== is) note(path, `${name}: was ${was ?? 'free'}, is ${is ?? 'free'}`, mayMove(name, was, is));
    }
  }

  function compareComplex(path: string, a: ComplexModel, b: ComplexModel): void {
    if (a.mixed === true && b.mixed !== true) note(path, 'may no longer have text between elements', false);
    if (a.text !== undefined || b.text !== undefined) compareRefs(path, a.text, b.text);
    const [had, has] = [before.children(a), after.children(b)];
    if (had.open && !has.open) note(path, 'may no longer have elements that it does not declare', false);
    const wanted = new Map(has.elements.map((child) => [nameKey(child.element.name), child]));
    const known = new Set(had.elements.map(({ element }) => nameKey(element.name)));
    for (const child of had.elements) {
      const { element } = child;
      const at = `${path}/${element.name.local}`;
      const now = wanted.get(nameKey(element.name));
      if (now === undefined) {
        if (child.max > 0) note(at, 'may no longer stand there', false);
        continue;
      }
      if (now.min > child.min) note(at, child.min === 0 ? 'must stand there now' : `must stand there ${now.min} times now`, false);
      if (now.min < child.min) note(at, 'may be left out now', true);
      if (now.max < child.max) note(at, `may stand there at most ${now.max} times now`, false);
      if (now.max > child.max)
        note(at, now.max === Number.POSITIVE_INFINITY ? 'may repeat now' : `may stand there ${now.max} times now`, true);
      compareElements(at, element, now.element);
    }
    for (const child of has.elements) {
      if (known.has(nameKey(child.element.name))) continue;
      note(`${path}/${child.element.name.local}`, child.min > 0 ? 'is new and must stand there' : 'is new', child.min === 0);
    }
    const [one, two] = [
      { models: before, type: a },
      { models: after, type: b },
    ];
    if (isPlain(one) && isPlain(two)) {
      if (!isSameOrder(a.content, b.content, had.elements, has.elements)) note(path, 'its elements stand in another order', false);
    } else if (!takesAll(one, two)) note(path, 'its choices or repeated groups may no longer take what they took', false);
  }
}

/** Elements that both have must follow each other as before, or in any order now. */
function isSameOrder(
  a: Particle | undefined,
  b: Particle | undefined,
  had: readonly { readonly element: ElementModel }[],
  has: readonly { readonly element: ElementModel }[],
): boolean {
  if (b?.kind === 'all') return true;
  if (a?.kind === 'all') return false;
  const keys = (some: typeof had) => some.map(({ element }) => nameKey(element.name));
  const [before, after] = [keys(had), keys(has)];
  const both = (list: readonly string[], other: readonly string[]) => {
    const there = new Set(other);
    return list.filter((key) => there.has(key)).join(' ');
  };
  return both(before, after) === both(after, before);
}

const INTEGERS = 'byte short int long integer decimal'.split(' ');
const NATURALS = 'unsignedByte unsignedShort unsignedInt unsignedLong nonNegativeInteger integer decimal'.split(' ');
const TEXTS = 'NCName Name token normalizedString string'.split(' ');

/** Is every value of the one a value of the other? */
function isWider(from: string | undefined, to: string | undefined): boolean {
  if (to === 'anyType' || to === 'anySimpleType') return true;
  if (from === undefined || to === undefined) return false;
  if (to === 'string') return from !== 'list' && from !== 'union';
  return [INTEGERS, NATURALS, ['positiveInteger', ...NATURALS.slice(4)], TEXTS, ['float', 'double']].some(
    (row) => row.includes(from) && row.indexOf(from) <= row.indexOf(to),
  );
}

/** The values that may stand there; empty: no enumeration. */
function valuesOf(models: SchemaModels, model: SimpleModel | undefined): ReadonlySet<string> {
  for (let one = model, depth = 0; one !== undefined && depth < 100; depth++) {
    if (one.enumeration.length > 0) return new Set(one.enumeration.map(({ value }) => value));
    one = parentOf(models, one);
  }
  return new Set();
}

function boundsOf(models: SchemaModels, model: SimpleModel | undefined): ReadonlyMap<string, string> {
  const bounds = new Map<string, string>();
  for (let one = model, depth = 0; one !== undefined && depth < 100; depth++) {
    for (const [name, value] of one.bounds) if (!bounds.has(name)) bounds.set(name, value);
    one = parentOf(models, one);
  }
  return bounds;
}

function parentOf(models: SchemaModels, model: SimpleModel): SimpleModel | undefined {
  const parent = model.variety === 'restriction' && model.of[0] !== undefined ? models.type(model.of[0]) : undefined;
  return parent?.kind === 'simple' ? parent : undefined;
}

function mayMove(name: string, was: string | undefined, is: string | undefined): boolean {
  if (is === undefined) return true;
  if (was === undefined) return false;
  const [from, to] = [Number(was), Number(is)];
  if (MAY_FALL.has(name)) return to <= from;
  return MAY_RISE.has(name) && to >= from;
}
