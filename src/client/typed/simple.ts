import type { QName, SimpleType } from './types.js';

/** How prefixes resolve where a text stands. */
export type Lookup = (prefix: string) => string | undefined;

/** Text → value. What is no value of the type (the document was not valid) stays text. */
export function parseSimple(type: SimpleType, text: string, lookup: Lookup): unknown {
  if (typeof type !== 'string') return words(text).map((word) => parseSimple(type.list, word, lookup));
  const trimmed = text.trim();
  switch (type) {
    case 'number':
      return numberOf(trimmed) ?? text;
    case 'boolean':
      return /^(?:true|1)$/.test(trimmed) ? true : /^(?:false|0)$/.test(trimmed) ? false : text;
    case 'date': {
      const date = dateOf(trimmed);
      return Number.isNaN(date.getTime()) ? text : date;
    }
    case 'qname': {
      const colon = trimmed.indexOf(':');
      const prefix = colon < 0 ? '' : trimmed.slice(0, colon);
      return { ns: lookup(prefix) ?? '', local: trimmed.slice(colon + 1), prefix } satisfies QName;
    }
    default:
      return text;
  }
}

/** Value → text. A QName has been given its prefix. */
export function formatSimple(value: unknown): string {
  if (Array.isArray(value)) return value.map(formatSimple).join(' ');
  if (value instanceof Date) return value.toISOString().replace(/\.000Z$/, 'Z');
  if (typeof value === 'number')
    return value === Number.POSITIVE_INFINITY ? 'INF' : value === Number.NEGATIVE_INFINITY ? '-INF' : plain(value);
  if (isQName(value)) return value.prefix ? `${value.prefix}:${value.local}` : value.local;
  return String(value);
}

export function isQName(value: unknown): value is QName {
  return typeof value === 'object' && value !== null && 'local' in value && 'ns' in value;
}

export function sameSimple(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((one, k) => sameSimple(one, b[k]));
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  if (isQName(a) && isQName(b)) return a.ns === b.ns && a.local === b.local;
  return Object.is(a, b);
}

/** `xs:decimal` has no exponent. */
function plain(value: number): string {
  const text = String(value);
  if (!/e/.test(text)) return text;
  return Number.isInteger(value) ? BigInt(value).toString() : value.toFixed(20).replace(/0+$/, '');
}

function numberOf(text: string): number | undefined {
  if (text === 'INF' || text === '+INF') return Number.POSITIVE_INFINITY;
  if (text === '-INF') return Number.NEGATIVE_INFINITY;
  if (text === 'NaN') return Number.NaN;
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}

function dateOf(text: string): Date {
  return new Date(/(?:Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`);
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
