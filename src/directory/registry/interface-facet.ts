/** The interface facet of a resource, as text and as data. */
import {
  INTERFACE,
  INTERFACE_KINDS,
  INTERFACE_NS,
  INTERFACE_STATES,
  type InterfaceFacet,
  type InterfaceKind,
  type InterfaceStatus,
  nameKey,
} from '../../model/index.js';
import { escapeText, readTree, type TreeElement } from '../../xml/index.js';

export const INTERFACE_KEY = nameKey(INTERFACE);

/** Cheap, for every commit: most documents hold no interface. */
export function mayHoldInterface(xml: Uint8Array): boolean {
  return Buffer.from(xml.buffer, xml.byteOffset, xml.byteLength).includes(INTERFACE_NS);
}

/** The interface that a resource document holds; undefined when it holds none, or none that can be read. */
export function interfaceIn(xml: Uint8Array): InterfaceFacet | undefined {
  if (!mayHoldInterface(xml)) return undefined;
  const facet = readTree(xml).children.find(({ ns, local }) => ns === INTERFACE.ns && local === INTERFACE.local);
  return facet && interfaceOf(facet);
}

/** Undefined: it lacks what it must have, which can be where its own schema is not registered. */
export function interfaceOf(facet: TreeElement): InterfaceFacet | undefined {
  const of = (parent: TreeElement, local: string) => parent.children.filter((child) => child.ns === INTERFACE_NS && child.local === local);
  const all = (local: string) => of(facet, local).map(({ text }) => text);
  const optional = <K extends string>(parent: TreeElement, local: K): { readonly [N in K]?: string } => {
    const [found] = of(parent, local);
    return found === undefined ? {} : ({ [local]: found.text } as { readonly [N in K]?: string });
  };
  const [[namespace], [schema], [agreement]] = [all('namespace'), all('schema'), of(facet, 'agreement')];
  if (!namespace || !schema) return undefined;
  const kind = all('kind')[0] as InterfaceKind;
  const status = all('status')[0] as InterfaceStatus;
  return {
    namespace,
    ...optional(facet, 'prefix'),
    ...optional(facet, 'localName'),
    kind: INTERFACE_KINDS.includes(kind) ? kind : 'private',
    appliesTo: all('appliesTo'),
    status: INTERFACE_STATES.includes(status) ? status : 'proposed',
    version: all('version')[0] ?? '1',
    supersedes: all('supersedes'),
    ...(agreement === undefined
      ? {}
      : {
          agreement: {
            parties: of(agreement, 'party').map(({ text }) => text),
            ...optional(agreement, 'date'),
            ...optional(agreement, 'text'),
          },
        }),
    ...optional(facet, 'documentation'),
    schema,
    ...optional(facet, 'sample'),
  };
}

/** The facet as an element that can be published. */
export function interfaceXml(facet: InterfaceFacet): string {
  const { agreement } = facet;
  const one = (local: string, text: string | undefined) => (text === undefined ? '' : `<${local}>${escapeText(text)}</${local}>`);
  const many = (local: string, texts: readonly string[]) => texts.map((text) => one(local, text)).join('');
  const agreed =
    agreement === undefined
      ? ''
      : `<agreement>${many('party', agreement.parties)}${one('date', agreement.date)}${one('text', agreement.text)}</agreement>`;
  const inside =
    one('namespace', facet.namespace) +
    one('prefix', facet.prefix) +
    one('localName', facet.localName) +
    one('kind', facet.kind) +
    many('appliesTo', facet.appliesTo) +
    one('status', facet.status) +
    one('version', facet.version) +
    many('supersedes', facet.supersedes) +
    agreed +
    one('documentation', facet.documentation) +
    one('schema', facet.schema) +
    one('sample', facet.sample);
  return `<interface:interface xmlns:interface="${INTERFACE_NS}">${inside.replace(/<(\/?)(?=[a-zA-Z])/g, '<$1interface:')}</interface:interface>`;
}
