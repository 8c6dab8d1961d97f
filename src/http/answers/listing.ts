import type { Page } from '../../directory/index.js';
import { ANSWER_NS } from '../../model/index.js';
import { element, text, XML_DECLARATION } from '../xml-text.js';

type Entry = { readonly id: string; readonly name?: string; readonly scopes: readonly string[]; readonly facets: readonly string[] };

const many = (name: string, values: readonly string[]) => values.map((value) => element(name, {}, text(value))).join('');

/** `<list xmlns="urn:facetry:answer" total="2" count="1" next="…"><entry id="a" name="…"><scope>/x</scope><facet>Q{urn:f}hw</facet></entry></list>` */
export function listXml({ items, total, next }: Page<Entry>): string {
  const entries = items.map(
    ({ id, name, scopes, facets }) => `\n${element('entry', { id, name }, many('scope', scopes) + many('facet', facets))}`,
  );
  return `${XML_DECLARATION}${element('list', { xmlns: ANSWER_NS, total, count: items.length, next }, `${entries.join('')}\n`)}\n`;
}

export function listJson({ items, total, next }: Page<Entry>): object {
  return { total, count: items.length, ...(next === undefined ? {} : { next }), items };
}
