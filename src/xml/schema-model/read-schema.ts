import { SaxesParser } from 'saxes';
import type { ExpandedName } from '../../model/index.js';
import type { ComplexModel, ElementModel, Occurs, Particle, SchemaModel, SimpleModel, TypeModel, TypeRef } from './model.js';
import { XS_NS } from './model.js';

/** An element of the schema with its QNames resolved. */
interface Node {
  readonly local: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly names: Readonly<Record<string, readonly ExpandedName[]>>;
  readonly children: Node[];
  text: string;
}

/** Attributes whose value is a QName or a list of them. */
const QNAMES = ['type', 'base', 'ref', 'itemType', 'memberTypes'] as const;
const BOUNDS = new Set(
  'length minLength maxLength pattern whiteSpace minInclusive maxInclusive minExclusive maxExclusive totalDigits fractionDigits'.split(' '),
);

/** Reads a schema that was registered: it is well-formed, and what it refers to exists. */
export function readSchemaModel(xsd: string): SchemaModel {
  const root = readNodes(xsd);
  const ns = root.attributes.targetNamespace ?? '';
  const qualified = root.attributes.elementFormDefault === 'qualified';
  const named = (local: string) => root.children.filter((node) => node.local === local && node.attributes.name !== undefined);

  function elementOf(node: Node, global: boolean): ElementModel {
    const [ref] = node.names.ref ?? [];
    const own = global || (node.attributes.form ?? (qualified ? 'qualified' : 'unqualified')) === 'qualified';
    const type = typeOf(node, 'type');
    return {
      name: ref ?? { ns: own ? ns : '', local: node.attributes.name ?? '' },
      ...documented(node),
      ...(ref === undefined ? {} : { ref: true }),
      ...(type === undefined ? {} : { type }),
      ...(node.attributes.nillable === 'true' ? { nillable: true } : {}),
    };
  }

  /** The type that an attribute names, or that stands inside. */
  function typeOf(node: Node, attribute: (typeof QNAMES)[number]): TypeRef | undefined {
    const [name] = node.names[attribute] ?? [];
    if (name !== undefined) return { named: name };
    const inner = node.children.find(({ local }) => local === 'complexType' || local === 'simpleType');
    return inner && { inline: modelOf(inner) };
  }

  function modelOf(node: Node): TypeModel {
    return node.local === 'simpleType' ? simpleOf(node) : complexOf(node);
  }

  function simpleOf(node: Node): SimpleModel {
    const derived = node.children.find(({ local }) => ['restriction', 'list', 'union'].includes(local));
    const variety = (derived?.local ?? 'restriction') as SimpleModel['variety'];
    const attribute = variety === 'list' ? 'itemType' : variety === 'union' ? 'memberTypes' : 'base';
    const names = (derived?.names[attribute] ?? []).map((name): TypeRef => ({ named: name }));
    const inner = (derived?.children ?? [])
      .filter(({ local }) => local === 'simpleType')
      .map((one): TypeRef => ({ inline: simpleOf(one) }));
    return { kind: 'simple', ...documented(node), variety, of: [...names, ...inner], ...constraints(derived) };
  }

  function constraints(node: Node | undefined): Pick<SimpleModel, 'enumeration' | 'bounds'> {
    const children = node?.children ?? [];
    return {
      enumeration: children
        .filter(({ local }) => local === 'enumeration')
        .map((one) => ({ value: one.attributes.value ?? '', ...documented(one) })),
      bounds: children.filter(({ local }) => BOUNDS.has(local)).map(({ local, attributes }) => [local, attributes.value ?? ''] as const),
    };
  }

  function complexOf(node: Node): ComplexModel {
    const mixed = node.attributes.mixed === 'true' ? ({ mixed: true } as const) : {};
    const simple = node.children.find(({ local }) => local === 'simpleContent')?.children.find(isDerivation);
    const complex = node.children.find(({ local }) => local === 'complexContent')?.children.find(isDerivation);
    const base = complex && typeOf(complex, 'base');
    const text = simple && typeOf(simple, 'base');
    const content = particleIn(complex ?? node);
    return {
      kind: 'complex',
      ...documented(node),
      ...mixed,
      ...(content === undefined ? {} : { content }),
      ...(text === undefined ? {} : { text }),
      ...(complex === undefined || base === undefined ? {} : { base: { type: base, by: complex.local as 'extension' | 'restriction' } }),
    };
  }

  function particleIn(node: Node): Particle | undefined {
    for (const child of node.children) {
      const particle = particleOf(child);
      if (particle !== undefined) return particle;
    }
    return undefined;
  }

  function particleOf(node: Node): Particle | undefined {
    const occurs = occursOf(node);
    switch (node.local) {
      case 'element':
        return { ...occurs, kind: 'element', element: elementOf(node, false) };
      case 'sequence':
      case 'choice':
      case 'all':
        return { ...occurs, kind: node.local, parts: node.children.flatMap((child) => particleOf(child) ?? []) };
      case 'group': {
        const [name] = node.names.ref ?? [];
        return name && { ...occurs, kind: 'group', name };
      }
      case 'any':
        return { ...occurs, kind: 'any', namespace: node.attributes.namespace ?? '##any' };
      default:
        return undefined;
    }
  }

  return {
    ns,
    ...documented(root),
    elements: named('element').map((node) => elementOf(node, true)),
    types: new Map([...named('complexType'), ...named('simpleType')].map((node) => [node.attributes.name ?? '', modelOf(node)])),
    groups: new Map(
      named('group')
        .flatMap((node) => [[node.attributes.name ?? '', particleIn(node)] as const])
        .filter(isWhole),
    ),
  };
}

function isWhole(pair: readonly [string, Particle | undefined]): pair is readonly [string, Particle] {
  return pair[1] !== undefined;
}

function isDerivation({ local }: Node): boolean {
  return local === 'extension' || local === 'restriction';
}

function occursOf({ attributes }: Node): Occurs {
  const count = (value: string | undefined) => (value === undefined ? 1 : value === 'unbounded' ? Number.POSITIVE_INFINITY : Number(value));
  return { min: count(attributes.minOccurs), max: count(attributes.maxOccurs) };
}

function documented(node: Node): { readonly documentation?: string } {
  const texts = node.children
    .filter(({ local }) => local === 'annotation')
    .flatMap(({ children }) =>
      children.filter(({ local }) => local === 'documentation').map(({ text }) => text.replace(/\s+/g, ' ').trim()),
    );
  const documentation = texts.filter((text) => text !== '').join(' ');
  return documentation === '' ? {} : { documentation };
}

function readNodes(xsd: string): Node {
  const parser = new SaxesParser({ xmlns: true });
  const open: Node[] = [];
  let root: Node | undefined;
  /** inside documentation there may be markup of other kinds: its text counts */
  let foreign = 0;
  parser.on('opentag', (tag) => {
    if (foreign > 0 || tag.uri !== XS_NS) {
      foreign++;
      return;
    }
    const attributes: Record<string, string> = Object.create(null);
    for (const { uri, local, value } of Object.values(tag.attributes)) if (uri === '') attributes[local] = value.trim();
    const names: Record<string, readonly ExpandedName[]> = Object.create(null);
    for (const name of QNAMES) {
      const words = attributes[name]?.split(/\s+/).filter((word) => word !== '');
      if (words !== undefined) names[name] = words.map((word) => resolved(word, (prefix) => parser.resolve(prefix)));
    }
    const node: Node = { local: tag.local, attributes, names, children: [], text: '' };
    open.at(-1)?.children.push(node);
    root ??= node;
    open.push(node);
  });
  const onText = (piece: string) => {
    const node = open.at(-1);
    if (node?.local === 'documentation') node.text += piece;
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.on('closetag', () => {
    if (foreign > 0) foreign--;
    else open.pop();
  });
  parser.write(xsd.replace(/^\uFEFF?<\?xml\s[^>]*\?>/, '')).close();
  return root as Node;
}

function resolved(qname: string, lookup: (prefix: string) => string | undefined): ExpandedName {
  const colon = qname.indexOf(':');
  return { ns: lookup(colon < 0 ? '' : qname.slice(0, colon)) ?? '', local: qname.slice(colon + 1) };
}
