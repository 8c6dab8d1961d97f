import {
  INTERFACE,
  INTERFACE_KINDS,
  INTERFACE_STATES,
  type InterfaceFacet,
  Problem,
  RESOURCE_NS,
  type Violation,
} from '../../model/index.js';
import { decodeDocument, readTree, type TreeElement } from '../../xml/index.js';
import { interfaceOf } from './interface-facet.js';

const XS_NS = 'http://www.w3.org/2001/XMLSchema';

/**
 * What somebody wants to register: a schema alone, an interface facet, or a resource with one.
 * `whole`: it says all there is to say of the interface; a schema alone says nothing of the rest.
 */
export function candidateOf(ns: string, body: Uint8Array, charset?: string): { readonly facet: InterfaceFacet; readonly whole: boolean } {
  if (body.length === 0) throw new Problem('empty-body', { hint: 'send an XML Schema, or an interface facet that holds one' });
  const text = decodeDocument(body, charset === undefined ? {} : { charset });
  const name = rootOf(text);
  if (name === undefined || !/(?:^|:)(?:interface|resource)$/.test(name)) {
    return {
      whole: false,
      facet: { namespace: ns, kind: 'private', appliesTo: [], status: 'proposed', version: '1', supersedes: [], schema: text },
    };
  }
  const root = readTree(Buffer.from(text.replace(/^<\?xml\s[^>]*\?>/, (declaration) => declaration.replace(/[^\r\n]/g, ' '))));
  const element = root.ns === RESOURCE_NS ? root.children.find(isInterface) : root;
  const facet = element !== undefined && isInterface(element) ? interfaceOf(element) : undefined;
  if (facet === undefined) {
    throw new Problem('bad-request', {
      detail: `the body is <${root.name}>, neither a schema nor an interface that holds one`,
      hint: `send <xs:schema xmlns:xs="${XS_NS}" targetNamespace="…">, or a facet {${INTERFACE.ns}}${INTERFACE.local}`,
    });
  }
  requireSense(element as TreeElement);
  if (facet.namespace !== ns) {
    throw new Problem('bad-request', {
      detail: `the address names the namespace "${ns}", the interface is of "${facet.namespace}"`,
      hint: 'one of them is wrong',
    });
  }
  return { facet, whole: true };
}

const PARTS = new Set(
  'namespace prefix localName kind appliesTo status version supersedes agreement documentation schema sample'.split(' '),
);

/** What would be passed over in silence when the facet is written anew. */
function requireSense({ children }: TreeElement): void {
  const violations = children.flatMap(({ ns, local, text, name, place }): Violation[] => {
    const words: Readonly<Record<string, readonly string[]>> = { kind: INTERFACE_KINDS, status: INTERFACE_STATES };
    if (ns !== INTERFACE.ns || !PARTS.has(local))
      return [{ rule: 'schema', message: `${name} is not expected here`, hint: `expected: ${[...PARTS].join(', ')}`, ...place }];
    if (words[local]?.includes(text) !== false) return [];
    return [
      {
        rule: 'schema',
        message: `${name}: "${text}" is not one of the accepted values`,
        hint: `use one of ${words[local].join(', ')}`,
        ...place,
      },
    ];
  });
  const [first] = violations;
  if (first !== undefined) throw new Problem('invalid-resource', { detail: first.message, hint: first.hint, violations });
}

function isInterface({ ns, local }: TreeElement): boolean {
  return ns === INTERFACE.ns && local === INTERFACE.local;
}

/** The name of the root element, without reading further: a schema is read where it can be stopped. */
function rootOf(text: string): string | undefined {
  for (let at = 0; ; ) {
    const start = text.indexOf('<', at);
    if (start < 0) return undefined;
    const close = text.startsWith('<?', start) ? '?>' : text.startsWith('<!--', start) ? '-->' : undefined;
    if (close === undefined) return /^<([^\s<>/!?]{1,1024})/.exec(text.slice(start, start + 1026))?.[1];
    const end = text.indexOf(close, start + 2);
    if (end < 0) return undefined;
    at = end + close.length;
  }
}
