/**
 * An edit and the resource as its caller sees it → the document that the caller wants it to be. The whole is read again like any
 * published document, so an edit can make nothing that could not have been published.
 */
import { isNcName, type NameKey, nameKey, Problem } from '../model/index.js';
import { applyPatch, assembleParts, type CanonicalParts, inlineDocument, partsOf, simpleElement } from '../xml/index.js';
import type { Edit } from './directory.js';
import { selectNode } from './select-node.js';

export interface Composed {
  readonly document: string;
  /** facets that the writer means; undefined: what it changes */
  readonly meant: readonly NameKey[];
  /** what reading the document found, in terms of what the caller sent */
  readonly relocate?: (problem: Problem) => Problem;
}

/** `prefixes`: those of the registered interfaces. */
export function compose(xml: string, edit: Edit, charset: string | undefined, prefixes: Readonly<Record<string, string>>): Composed {
  const parts = partsOf(xml);
  switch (edit.kind) {
    case 'put-facet':
      return putFacet(parts, nameKey(edit.name), edit.body, charset);
    case 'remove-facet': {
      const facets = parts.facets.filter(({ key }) => key !== nameKey(edit.name));
      if (facets.length === 0) throw lastOne('facet');
      return whole({ ...parts, facets });
    }
    case 'give-facet':
      return { document: xml, meant: [nameKey(edit.name)] };
    case 'add-scope':
      return whole(parts.scopes.includes(edit.scope) ? parts : { ...parts, scopes: [...parts.scopes, edit.scope] });
    case 'remove-scope': {
      const scopes = parts.scopes.filter((scope) => scope !== edit.scope);
      if (scopes.length === 0) throw lastOne('scope');
      return whole({ ...parts, scopes });
    }
    case 'set-name':
      return whole({ ...parts, name: edit.text === undefined ? '' : nameElement(parts, edit.text, prefixes) });
    case 'set-description':
      return whole({ ...parts, description: edit.text === undefined ? '' : simpleElement(parts.rootPrefix, 'description', edit.text) });
    case 'patch':
      return { document: applyPatch(xml, edit.body, selectNode), meant: [] };
  }
}

function whole(parts: CanonicalParts): Composed {
  return { document: assembleParts(parts), meant: [] };
}

function putFacet(parts: CanonicalParts, key: NameKey, body: Uint8Array, charset: string | undefined): Composed {
  const facet = inlineDocument(body, charset);
  const found = nameKey(facet.root);
  if (found !== key) {
    throw new Problem('bad-request', {
      detail: `the address names the facet ${key}, the body is ${found}`,
      hint: 'send the facet itself as the root element of the body',
    });
  }
  const index = parts.facets.findIndex((one) => one.key === key);
  const [first, rest] = index < 0 ? [parts.facets, []] : [parts.facets.slice(0, index), parts.facets.slice(index + 1)];
  const before = headOf({ ...parts, facets: first });
  const end = assembleParts({ ...parts, facets: rest }).slice(headOf({ ...parts, facets: [] }).length);
  return { document: facet.between(before, end), meant: [key], relocate: (problem) => facet.relocate(problem, before) };
}

/** The document without its end tag. */
function headOf(parts: CanonicalParts): string {
  const document = assembleParts(parts);
  return document.slice(0, document.lastIndexOf('</'));
}

/** A prefix that only the registered interfaces bind is declared where it is used. */
function nameElement(parts: CanonicalParts, text: string, prefixes: Readonly<Record<string, string>>): string {
  const element = simpleElement(parts.rootPrefix, 'name', text);
  const [prefix, local] = text.trim().split(':');
  const ns = prefix === undefined || local === undefined || !isNcName(prefix) || parts.bindings.has(prefix) ? undefined : prefixes[prefix];
  return ns === undefined ? element : element.replace('>', ` xmlns:${prefix}="${ns.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}">`);
}

function lastOne(what: 'facet' | 'scope'): Problem {
  return new Problem('conflict', {
    detail: `this is the last ${what} of the resource, and a resource has at least one`,
    hint: 'DELETE the resource instead',
  });
}
