import type { SaxesTagNS } from 'saxes';
import { isNcName, isScope, RESOURCE_NS, type Scope } from '../model/index.js';
import { bindAttributes, newBindings, type RootAttribute, writeName } from './canonical.js';
import { STRUCTURE_LIMITS } from './limits.js';
import { attributeOffset } from './model-rules.js';
import { type Reading, refuseAttributes } from './reading.js';
import { fold, isBlank, skipSpace } from './space.js';

/** The common properties, in the order the schema wants them; facets come after. */
const PARTS = ['name', 'description', 'scope'] as const;
type Part = (typeof PARTS)[number];
const FACETS = PARTS.length;

/** Reads the root element and the common properties: all of a resource but its facets. */
export interface EnvelopeReader {
  /** False: this is no resource at all. */
  openRoot(tag: SaxesTagNS, start: number): boolean;
  /** A child of the root. False: it is a facet. */
  openPart(tag: SaxesTagNS, start: number): boolean;
  /** An element inside a common property. */
  openElement(tag: SaxesTagNS, start: number): void;
  text(piece: string): void;
  closePart(tag: SaxesTagNS): void;
  /** What can only be said at the end. `facets`: how many there were. */
  finish(start: number, facets: number): void;
  envelope(): Envelope;
}

export interface Envelope {
  readonly prefix: string;
  readonly attributes: readonly RootAttribute[];
  /** as written in the document */
  readonly id: string | undefined;
  readonly name: string | undefined;
  /** its element in canonical form, '' without name */
  readonly nameXml: string;
  readonly description: string | undefined;
  readonly scopes: readonly Scope[];
  /** ordinals of name, description and scopes, in canonical order */
  readonly ordinals: readonly number[];
}

export interface IdOptions {
  /** the id the resource must have (PUT); the document may leave it out, not contradict it */
  readonly id?: string;
  /** the id it gets when neither the document nor `id` says one (POST) */
  readonly mintedId?: string;
}

export function createEnvelopeReader(reading: Reading, { id: wantedId, mintedId }: IdOptions): EnvelopeReader {
  const { findings, open, text: source, parser } = reading;
  let prefix = '';
  let attributes: readonly RootAttribute[] = [];
  let id: string | undefined;
  let qualifiedId = false;
  let rank = 0;
  let part: Part = 'name';
  let content = '';
  let contentStart = 0;
  let name: string | undefined;
  let nameXml = '';
  let description: string | undefined;
  const scopes = new Set<Scope>();
  const ordinals: Record<Part, number[]> = { name: [], description: [], scope: [] };

  function checkId(value: string, offset: number): void {
    if (value.trim() === '') findings.violate('id-blank', offset, 0);
    else if (value.length > STRUCTURE_LIMITS.idLength) findings.violate('id-too-long', offset, 0, String(STRUCTURE_LIMITS.idLength));
    else if (/\p{Cc}/u.test(value)) findings.violate('id-control-character', offset, 0);
    else if (wantedId !== undefined && value !== wantedId) findings.violate('id-contradicts', offset, 0, value, wantedId);
    else if (value !== value.trim()) findings.notice('id-outer-space', offset, 0);
  }

  function closeName(tag: SaxesTagNS, value: string, offset: number): void {
    const ordinal = open[2];
    const colon = value.indexOf(':');
    const own = value.slice(0, Math.max(0, colon));
    if (!isNcName(value.slice(colon + 1)) || (colon >= 0 && !isNcName(own))) {
      findings.violate('name-not-qname', offset, ordinal, value);
      return;
    }
    const ns = parser.resolve(own) ?? '';
    if (own !== '' && (ns === '' || own === 'xmlns')) findings.violate('name-prefix-unbound', offset, ordinal, value, own);
    else if (name === undefined) {
      name = value;
      nameXml = writeName(reading.bindings, prefix, { qname: value, prefix: own, ns, elementPrefix: tag.prefix });
    }
  }

  return {
    envelope: () => ({
      prefix,
      attributes,
      id,
      name,
      nameXml,
      description,
      scopes: [...scopes],
      ordinals: PARTS.flatMap((each) => ordinals[each]),
    }),

    openRoot(tag, start) {
      if (tag.local !== 'resource' || tag.uri !== RESOURCE_NS) {
        findings.violate('root-element', start, 0, tag.name, tag.uri, tag.local);
        return false;
      }
      prefix = tag.prefix;
      reading.bindings = newBindings(prefix);
      const foreign: RootAttribute[] = [];
      for (const key in tag.attributes) {
        const { prefix: own, local, uri, value } = tag.attributes[key];
        if (own === 'xmlns' || key === 'xmlns') continue;
        const offset = () => attributeOffset(source, start, key);
        if (key === 'id') {
          id = value;
          checkId(value, offset());
        } else if (uri === RESOURCE_NS && local === 'id') {
          qualifiedId = true;
          findings.violate('id-qualified', offset, 0, key);
        } else if (uri === RESOURCE_NS || uri === '') findings.violate('root-attribute', offset, 0, key);
        else foreign.push({ prefix: own, local, ns: uri, value });
      }
      attributes = bindAttributes(reading.bindings, foreign);
      return true;
    },

    openPart(tag, start) {
      const kind = tag.uri === RESOURCE_NS ? PARTS.indexOf(tag.local as Part) : -1;
      if (kind < 0) {
        rank = FACETS;
        return false;
      }
      part = PARTS[kind];
      content = '';
      contentStart = reading.mark;
      const ordinal = open[2];
      if (kind < rank) findings.violate('envelope-order', start, ordinal, tag.local);
      else if (part !== 'scope' && ordinals[part].length > 0) findings.violate('envelope-repeated', start, ordinal, tag.local);
      refuseAttributes(reading, tag, start, 'envelope-attribute');
      rank = Math.max(rank, kind);
      ordinals[part].push(ordinal);
      return true;
    },

    openElement(tag, start) {
      if (reading.depth === 3) findings.violate('envelope-element', start, open[2], tag.name, part);
    },

    text(piece) {
      if (reading.depth === 2) content += piece;
      else if (reading.depth === 1 && !isBlank(piece)) findings.violate('root-text', skipSpace(source, reading.mark), 0);
    },

    closePart(tag) {
      const value = fold(content);
      const ordinal = open[2];
      const offset = skipSpace(source, contentStart);
      if (value === '') findings.violate('envelope-blank', contentStart, ordinal, part);
      else if (part === 'name') closeName(tag, value, offset);
      else if (part === 'description') description ??= value;
      else if (!isScope(value)) findings.violate('scope-syntax', offset, ordinal, value);
      else if (scopes.has(value)) findings.violate('scope-duplicate', offset, ordinal, value);
      else scopes.add(value);
    },

    finish(start, facets) {
      if (id === undefined && wantedId !== undefined) checkId(wantedId, start);
      else if (id === undefined && mintedId === undefined && !qualifiedId) findings.violate('id-missing', start, 0);
      if (ordinals.scope.length === 0) findings.violate('scope-missing', start, 0);
      if (facets === 0) findings.violate('facet-missing', start, 0);
    },
  };
}
