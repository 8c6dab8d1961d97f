import { type ExpandedName, nameKey } from '../../model/index.js';
import type { ComplexModel, ElementModel, Occurs, Particle, SchemaModel, TypeModel, TypeRef } from './model.js';
import { XS_NS } from './model.js';
import { readSchemaModel } from './read-schema.js';

/** The models of several schemas, which may refer to each other. */
export interface SchemaModels {
  readonly all: readonly SchemaModel[];
  of(ns: string): SchemaModel | undefined;
  element(name: ExpandedName): ElementModel | undefined;
  /** what a reference leads to; undefined: a type of XML Schema itself, or nothing we know */
  type(ref: TypeRef): TypeModel | undefined;
  /** the type of XML Schema that a simple type comes from: `string`, `decimal`, …; of lists `list`, of unions `union` */
  builtin(ref: TypeRef | undefined): string | undefined;
  /** Elements that may stand as children, in order, each with how often all groups around it allow it; and whether others may. */
  children(type: ComplexModel): { readonly elements: readonly Child[]; readonly open: boolean };
}

export interface Child extends Occurs {
  readonly element: ElementModel;
  /** it is one of several of which one stands */
  readonly choice?: true;
}

/** Particles looked at: a model is as large as its text, but what it unfolds to is not. */
const MOST = 5000;

export function schemaModels(schemas: readonly { readonly ns?: string; readonly xsd: string }[]): SchemaModels {
  const models = new Map<string, SchemaModel>();
  for (const { xsd } of schemas) {
    const model = readSchemaModel(xsd);
    models.set(model.ns, model);
  }
  const element = (name: ExpandedName) => models.get(name.ns)?.elements.find((one) => one.name.local === name.local);
  const type = (ref: TypeRef) => ('inline' in ref ? ref.inline : models.get(ref.named.ns)?.types.get(ref.named.local));

  function builtin(ref: TypeRef | undefined, depth = 0): string | undefined {
    if (ref === undefined || depth > 100) return undefined;
    if ('named' in ref && ref.named.ns === XS_NS) return ref.named.local;
    const found = type(ref);
    if (found === undefined) return undefined;
    if (found.kind === 'complex') return found.text === undefined ? undefined : builtin(found.text, depth + 1);
    if (found.variety !== 'restriction') return found.variety;
    return builtin(found.of[0], depth + 1);
  }

  function children(start: ComplexModel) {
    const elements: Child[] = [];
    let open = false;
    let steps = 0;
    const inside = new Set<unknown>();
    function ofType(complex: ComplexModel): void {
      if (inside.has(complex)) return;
      inside.add(complex);
      const base = complex.base?.by === 'extension' ? type(complex.base.type) : undefined;
      if (base?.kind === 'complex') ofType(base);
      if (complex.content !== undefined) particle(complex.content, { min: 1, max: 1 }, false);
      inside.delete(complex);
    }
    function particle(one: Particle, around: Occurs, choice: boolean): void {
      if (++steps > MOST) return;
      const occurs = { min: one.min * around.min, max: one.max === 0 || around.max === 0 ? 0 : one.max * around.max };
      if (one.kind === 'any') open = true;
      else if (one.kind === 'element') {
        const known = one.element.ref === true ? { ...element(one.element.name), ...withDocumentation(one.element) } : one.element;
        elements.push({ ...occurs, element: { ...known, name: one.element.name }, ...(choice ? { choice: true } : {}) });
      } else if (one.kind === 'group') {
        const group = models.get(one.name.ns)?.groups.get(one.name.local);
        if (group === undefined || inside.has(group)) return;
        inside.add(group);
        particle(group, occurs, choice);
        inside.delete(group);
      } else {
        const several = one.kind === 'choice' && one.parts.length > 1;
        for (const part of one.parts) particle(part, several ? { ...occurs, min: 0 } : occurs, choice || several);
      }
    }
    ofType(start);
    return { elements, open };
  }

  return { all: [...models.values()], of: (ns) => models.get(ns), element, type, builtin: (ref) => builtin(ref), children };
}

function withDocumentation({ documentation }: ElementModel): { readonly documentation?: string } {
  return documentation === undefined ? {} : { documentation };
}

/** How a reference is called, for people: `xs:token`, `site:text`, or what stands there. */
export function typeName(ref: TypeRef | undefined, prefixOf: (ns: string) => string | undefined): string {
  if (ref === undefined) return 'anything';
  if ('inline' in ref) {
    if (ref.inline.kind === 'complex') return 'elements';
    const { variety, of, enumeration } = ref.inline;
    if (enumeration.length > 0) return 'one of';
    const names = of.map((one) => typeName(one, prefixOf));
    return variety === 'list' ? `list of ${names[0] ?? 'anything'}` : names.join(' or ');
  }
  const { ns, local } = ref.named;
  const prefix = ns === XS_NS ? 'xs' : prefixOf(ns);
  return prefix === undefined ? nameKey(ref.named) : `${prefix}:${local}`;
}
