/**
 * Schemas → TypeScript: an interface per type, and per facet a constant that reads and writes it. The text imports only
 * `facetry/client`; what the types mean is said there, in `typed/types.ts`.
 */
import { nameKey } from '../../model/index.js';
import {
  type Child,
  type ComplexModel,
  type ElementModel,
  type Particle,
  type SchemaModels,
  type SimpleModel,
  schemaModels,
  type TypeRef,
} from '../../xml/index.js';

export interface TypedSchema {
  readonly ns: string;
  readonly prefix: string;
  readonly xsd: string;
}

const NUMBERS = new Set(
  'decimal float double integer nonPositiveInteger negativeInteger nonNegativeInteger positiveInteger long int short byte unsignedLong unsignedInt unsignedShort unsignedByte'.split(
    ' ',
  ),
);

/** What a type is called in the text, and how the reader is told of it. */
interface Typed {
  readonly type: string;
  readonly descriptor: string;
}

/** `wanted`: namespaces whose facets get constants. */
export function generateTypes(schemas: readonly TypedSchema[], wanted: readonly string[]): string {
  const models = schemaModels(schemas);
  const prefixes = new Map(schemas.map(({ ns, prefix }) => [ns, prefix]));
  const taken = new Set<string>('FacetType ContentItem ElementsType QName Date Record Partial'.split(' '));
  const made = new Map<ComplexModel, Typed>();
  const texts: string[] = [];

  function unique(name: string): string {
    let free = /^[A-Za-z_$]/.test(name) ? name : `T${name}`;
    for (let k = 2; taken.has(free); k++) free = `${name}${k}`;
    taken.add(free);
    return free;
  }

  /** `hint`: what a type is called that has no name of its own. */
  function typed(ref: TypeRef | undefined, hint: string, ns: string): Typed {
    const model = ref && models.type(ref);
    if (model?.kind === 'complex' && model.text === undefined) {
      const named = ref !== undefined && 'named' in ref ? join(prefixes.get(ref.named.ns) ?? '', ref.named.local) : hint;
      return complex(model, named, ref !== undefined && 'named' in ref ? ref.named.ns : ns);
    }
    if (ref === undefined) return complex({ kind: 'complex', content: ANYTHING }, hint, ns);
    if (model === undefined && models.builtin(ref) === 'anyType') return complex({ kind: 'complex', content: ANYTHING }, hint, ns);
    return simple(ref);
  }

  function simple(ref: TypeRef): Typed {
    const model = simpleModel(models, ref);
    const values = model === undefined ? [] : enumerationOf(models, model);
    const builtin = models.builtin(ref);
    if (builtin === 'list') {
      const item = listItem(models, model);
      const { type, descriptor } = item === undefined ? { type: 'string', descriptor: "'string'" } : simple(item);
      return { type: `readonly ${/\|/.test(type) ? `(${type})` : type}[]`, descriptor: `{ list: ${descriptor} }` };
    }
    if (builtin !== undefined && NUMBERS.has(builtin)) {
      const numbers = values.map(Number);
      return { type: numbers.length > 0 && numbers.every(Number.isFinite) ? union(numbers.map(String)) : 'number', descriptor: "'number'" };
    }
    if (builtin === 'boolean') return { type: 'boolean', descriptor: "'boolean'" };
    if (builtin === 'dateTime') return { type: 'Date', descriptor: "'date'" };
    if (builtin === 'QName' || builtin === 'NOTATION') return { type: 'QName', descriptor: "'qname'" };
    return { type: values.length > 0 ? union(values.map(quoted)) : 'string', descriptor: "'string'" };
  }

  function complex(model: ComplexModel, hint: string, ns: string): Typed {
    const known = made.get(model);
    if (known !== undefined) return known;
    const name = unique(hint);
    const constant = unique(`${name.charAt(0).toLowerCase()}${name.slice(1)}Type`);
    const own: Typed = { type: name, descriptor: `() => ${constant}` };
    made.set(model, own);
    const at = texts.push('') - 1;
    const { elements } = models.children(model);
    const ordered = isOrdered(models, model);
    const fields = distinct(elements).map((child): Field => {
      const { element } = child;
      return { child, key: element.name.local, ...typed(element.type, join(name, element.name.local), ns) };
    });
    // Of two elements of one name, that of the schema's own namespace goes by it.
    const rank = ({ child }: Field) => (child.element.name.ns === ns || child.element.name.ns === '' ? 0 : 1);
    const keyed = fields.map((field, k) => {
      const first = fields.reduce(
        (best, other, at) => (other.key === field.key && rank(other) < rank(fields[best]) ? at : best),
        fields.findIndex(({ key }) => key === field.key),
      );
      return first === k ? field : { ...field, key: `${prefixes.get(field.child.element.name.ns) ?? ''}:${field.key}` };
    });
    texts[at] = `${commentOf(model.documentation, '')}export interface ${name} {
${ordered ? orderedProperty(keyed) : keyed.map(property).join('\n')}
}

const ${constant}: ElementsType = {
${ordered ? '  ordered: true,\n' : ''}  fields: [
${keyed.map((field) => `    ${descriptor(field, ordered)},`).join('\n')}
  ],
};`;
    return own;
  }

  function facetOf(element: ElementModel): string {
    const { ns, local } = element.name;
    const prefix = prefixes.get(ns) ?? '';
    const name = join(prefix === local ? '' : prefix, local);
    // The type of the facet and the constant go by one name, as classes do.
    const { type, descriptor } = typed(element.type, name, ns);
    const constant = type === name ? name : unique(name);
    const alias = type === constant ? '' : `export type ${constant} = ${type};\n`;
    const content = descriptor.replace(/^\(\) => /, '');
    return `${alias}${commentOf(element.documentation, '')}export const ${constant}: FacetType<${type}> = facetType(
  { ns: ${quoted(ns)}, local: ${quoted(local)} },
  ${quoted(prefix)},
  PREFIXES,
  ${content},
);`;
  }

  const facets = wanted.flatMap((ns) => models.of(ns)?.elements ?? []).map(facetOf);
  const body = [...texts, ...facets].join('\n\n');
  const imports = ['ContentItem', 'ElementsType', 'FacetType', 'QName'].filter((name) => new RegExp(`\\b${name}\\b`).test(body));
  const known = [...prefixes].map(([ns, prefix]) => `  ${quoted(ns)}: ${quoted(prefix)},`);
  return `/**
 * Facets as types, made by \`facetry interfaces types\` from ${schemas.length} ${schemas.length === 1 ? 'schema' : 'schemas'}. Make it anew rather than change it.
 */
import { ${[...imports.map((name) => `type ${name}`), 'facetType'].join(', ')} } from 'facetry/client';

const PREFIXES = {
${known.join('\n')}
};

${body}
`;
}

const ANYTHING: Particle = { kind: 'any', namespace: '##any', min: 0, max: Number.POSITIVE_INFINITY };

interface Field extends Typed {
  readonly child: Child;
  readonly key: string;
}

/** Each name once, with all its occurrences. */
function distinct(children: readonly Child[]): readonly Child[] {
  const found = new Map<string, Child>();
  for (const child of children) {
    if (child.max === 0) continue;
    const key = nameKey(child.element.name);
    const before = found.get(key);
    found.set(key, before === undefined ? child : { ...before, min: Math.min(before.min, child.min), max: Number.POSITIVE_INFINITY });
  }
  return [...found.values()];
}

function property({ child, key, type }: Field): string {
  const { element, min, max, choice } = child;
  const many = max > 1;
  const name = /^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key);
  const said = [element.documentation, choice === true ? 'One of several that exclude each other.' : undefined].filter(
    (part) => part !== undefined,
  );
  return `${commentOf(said.join(' ') || undefined, '  ')}  readonly ${name}${!many && min === 0 ? '?' : ''}: ${many ? `readonly ${/[|]|readonly/.test(type) ? `(${type})` : type}[]` : type};`;
}

function orderedProperty(fields: readonly Field[]): string {
  const items = fields.map(({ key, type }) => `{ readonly key: ${quoted(key)}; readonly value: ${type} }`);
  const other = '{ readonly key?: undefined; readonly xml: string }';
  return `  /** its elements, one after the other; those that the schema does not name, as XML */\n  readonly content: readonly (${[...items, other].join(' | ')})[];`;
}

function descriptor({ child, key, descriptor }: Field, ordered: boolean): string {
  const { ns, local } = child.element.name;
  return `{ key: ${quoted(key)}, ns: ${quoted(ns)}, local: ${quoted(local)}, type: ${descriptor}${child.max > 1 && !ordered ? ', many: true' : ''} }`;
}

/** Does the place of an element among others say something that properties would lose? */
function isOrdered(models: SchemaModels, model: ComplexModel): boolean {
  const seen = new Set<unknown>();
  const names = new Set<string>();
  let last = '';
  function within(particle: Particle, repeated: boolean): boolean {
    if (seen.size > 5000) return true;
    if (particle.kind === 'any') return true;
    if (particle.kind === 'element') {
      const key = nameKey(particle.element.name);
      const apart = names.has(key) && last !== key;
      names.add(key);
      last = key;
      return apart;
    }
    if (particle.kind === 'group') {
      const group = models.of(particle.name.ns)?.groups.get(particle.name.local);
      if (group === undefined || seen.has(group)) return true;
      seen.add(group);
      return within(group, repeated || particle.max > 1);
    }
    const again = repeated || particle.max > 1;
    if (again && (particle.parts.length > 1 || particle.parts.some(({ kind }) => kind !== 'element'))) return true;
    return particle.parts.some((part) => within(part, again));
  }
  const base = model.base?.by === 'extension' ? models.type(model.base.type) : undefined;
  if (base?.kind === 'complex' && !seen.has(base)) {
    seen.add(base);
    if (isOrdered(models, base)) return true;
  }
  return model.content !== undefined && within(model.content, false);
}

function simpleModel(models: SchemaModels, ref: TypeRef): SimpleModel | undefined {
  const model = models.type(ref);
  if (model?.kind === 'complex') return model.text === undefined ? undefined : simpleModel(models, model.text);
  return model;
}

function enumerationOf(models: SchemaModels, model: SimpleModel): readonly string[] {
  for (let one: SimpleModel | undefined = model, depth = 0; one !== undefined && depth < 100; depth++) {
    if (one.enumeration.length > 0) return one.enumeration.map(({ value }) => value);
    one = one.variety === 'restriction' && one.of[0] !== undefined ? simpleModel(models, one.of[0]) : undefined;
  }
  return [];
}

function listItem(models: SchemaModels, model: SimpleModel | undefined): TypeRef | undefined {
  for (let one = model, depth = 0; one !== undefined && depth < 100; depth++) {
    if (one.variety === 'list') return one.of[0];
    one = one.of[0] === undefined ? undefined : simpleModel(models, one.of[0]);
  }
  return undefined;
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(' | ');
}

function join(before: string, name: string): string {
  const words = `${before}-${name}`.split(/[^\p{L}\p{N}_$]+/u).filter((word) => word !== '');
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`;
}

function commentOf(text: string | undefined, indent: string): string {
  return text === undefined ? '' : `${indent}/** ${text.replaceAll('*/', '* /')} */\n`;
}
