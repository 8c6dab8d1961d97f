import type { ExplainedElement } from '../../model/index.js';
import type { ElementModel, SimpleModel, TypeRef } from './model.js';
import { type Child, type SchemaModels, typeName } from './schema-models.js';

const MOST = 2000;

/** The facets of an interface; `only`: the global element of that name. */
export function explainInterface(
  models: SchemaModels,
  ns: string,
  prefixOf: (ns: string) => string | undefined,
  only?: string,
): readonly ExplainedElement[] {
  let left = MOST;
  const elements = models.of(ns)?.elements ?? [];
  return elements
    .filter(({ name }) => only === undefined || name.local === only)
    .map((element) => explain({ element, min: 1, max: 1 }, new Set()));

  function explain({ element, min, max, choice }: Child, inside: ReadonlySet<unknown>): ExplainedElement {
    left--;
    const type = element.type && models.type(element.type);
    const simple = simpleOf(element.type);
    const values = simple === undefined ? [] : valuesOf(simple);
    const bounds = simple === undefined ? [] : boundsOf(simple);
    const again = type?.kind === 'complex' && inside.has(type);
    const content = type?.kind === 'complex' && !again && left > 0 ? models.children(type) : { elements: [], open: false };
    const deeper = new Set([...inside, type]);
    return {
      name: element.name.local,
      ...(element.name.ns === ns ? {} : { ns: element.name.ns }),
      type: values.length > 0 ? 'one of' : namedType(element),
      occurs: max === min ? `${min}` : `${min}..${max === Number.POSITIVE_INFINITY ? '*' : max}`,
      ...(choice === true ? { choice } : {}),
      ...documentationOf(element),
      ...(values.length > 0 ? { values } : {}),
      ...(bounds.length > 0 ? { bounds } : {}),
      children: content.elements.filter(() => left > 0).map((child) => explain(child, deeper)),
      ...(content.open ? { open: true as const } : {}),
      ...(again || left <= 0 ? { more: true as const } : {}),
    };
  }

  /** What stands there, and, where that is a type of the schema's own, what it comes from. */
  function namedType({ type }: ElementModel): string {
    const name = typeName(type, prefixOf);
    const builtin = models.builtin(type);
    return builtin === undefined || name === `xs:${builtin}` || type === undefined || !('named' in type) ? name : `${name} (xs:${builtin})`;
  }

  function documentationOf({ documentation, type }: ElementModel): { readonly documentation?: string } {
    const own = documentation ?? (type && models.type(type)?.documentation);
    return own === undefined ? {} : { documentation: own };
  }

  function simpleOf(ref: TypeRef | undefined, depth = 0): SimpleModel | undefined {
    const model = ref && depth < 100 ? models.type(ref) : undefined;
    if (model?.kind === 'complex') return simpleOf(model.text, depth + 1);
    return model;
  }

  function ancestry(model: SimpleModel): readonly SimpleModel[] {
    const line: SimpleModel[] = [];
    for (let one: SimpleModel | undefined = model; one !== undefined && line.length < 100; ) {
      line.push(one);
      one = one.variety === 'restriction' ? simpleOf(one.of[0]) : undefined;
    }
    return line;
  }

  function valuesOf(model: SimpleModel): SimpleModel['enumeration'] {
    return ancestry(model).find(({ enumeration }) => enumeration.length > 0)?.enumeration ?? [];
  }

  function boundsOf(model: SimpleModel): readonly string[] {
    const known = new Map<string, string>();
    for (const { bounds } of ancestry(model)) for (const [name, value] of bounds) if (!known.has(name)) known.set(name, value);
    return [...known].map(([name, value]) => `${name} ${value}`);
  }
}
