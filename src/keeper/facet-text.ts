import { isNcName, nameKey, parseNameKey } from '../model/index.js';
import { escapeAttribute, escapeText } from '../xml/index.js';
import type { Collected, FacetContent, FacetPiece, QName } from './delegate.js';

/** What `collect` gave → one XML text per facet. Throws Error that names what cannot be said in XML. */
export function facetTexts(collected: Collected, provides: readonly QName[]): readonly string[] {
  if (collected === undefined || collected === null) return [];
  if (typeof collected === 'string') return collected.trim() === '' ? [] : [collected];
  if (Array.isArray(collected)) {
    if (!collected.every((text) => typeof text === 'string')) throw new Error('a list of facets must hold XML texts');
    return collected;
  }
  if (typeof collected !== 'object') throw new Error(`a ${typeof collected} is no facet`);
  const names = Object.keys(collected);
  if (names.length > 0 && names.every((name) => name.startsWith('Q{')))
    return Object.entries(collected as Record<string, string | FacetContent>).map(([name, content]) =>
      typeof content === 'string' ? content : facetText(name, content),
    );
  const [only, ...others] = provides;
  if (only === undefined || others.length > 0)
    throw new Error(`it provides ${provides.length} facets, so their contents must stand under their names: { "Q{…}…": { … } }`);
  return [facetText(only, collected as FacetContent)];
}

/** One facet. Its prefix is its local name. */
export function facetText(name: QName, content: FacetContent): string {
  const expanded = parseNameKey(name);
  if (expanded === undefined) throw new Error(`"${name}" is no name of a facet: it must be Q{namespace}local`);
  const { local, ns } = expanded;
  const prefix = local.toLowerCase().startsWith('xml') ? 'f' : local;
  return `<${prefix}:${local} xmlns:${prefix}="${escapeAttribute(ns)}">${childrenOf(prefix, content, nameKey(expanded))}</${prefix}:${local}>`;
}

function childrenOf(prefix: string, content: FacetContent, path: string): string {
  let text = '';
  for (const [name, value] of Object.entries(content)) {
    if (!isNcName(name)) throw new Error(`${path}: "${name}" cannot be the name of an element`);
    for (const piece of Array.isArray(value) ? value : [value]) text += element(prefix, name, piece as FacetPiece, `${path}/${name}`);
  }
  return text;
}

function element(prefix: string, name: string, piece: FacetPiece, path: string): string {
  if (piece === undefined || piece === null) return '';
  const tag = `${prefix}:${name}`;
  if (piece instanceof Date) {
    if (Number.isNaN(piece.getTime())) throw new Error(`${path} is not a date`);
    return `<${tag}>${piece.toISOString()}</${tag}>`;
  }
  if (typeof piece === 'object') {
    if (Array.isArray(piece)) throw new Error(`${path} is a list of lists`);
    return `<${tag}>${childrenOf(prefix, piece, path)}</${tag}>`;
  }
  if (!['string', 'number', 'boolean', 'bigint'].includes(typeof piece)) throw new Error(`${path} is a ${typeof piece}`);
  return `<${tag}>${escapeText(writable(String(piece)))}</${tag}>`;
}

/** Characters that XML 1.0 (§2.2) cannot hold become U+FFFD: tools print them, and a whole facet need not be lost for one. */
function writable(text: string): string {
  return text.toWellFormed().replace(/(?![\t\n\r])\p{Cc}|[\uFFFE\uFFFF]/gu, (one) => (one >= '\u007F' && one <= '\u009F' ? one : '\uFFFD'));
}
