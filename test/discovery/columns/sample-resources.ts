/** Random resources in the canonical form, and the tree each was written from. The writer here is deliberately the plainest one. */
import fc from 'fast-check';
import { RESOURCE_NS } from '../../../src/model/index.js';

export interface SampleElement {
  readonly prefix: string;
  readonly ns: string;
  readonly local: string;
  readonly declarations: readonly (readonly [prefix: string, ns: string])[];
  readonly attributes: readonly { readonly prefix: string; readonly ns: string; readonly local: string; readonly value: string }[];
  /** no two texts are neighbours, none is empty */
  readonly content: readonly (SampleElement | string)[];
}

export function writeSample(element: SampleElement): string {
  const name = written(element.prefix, element.local);
  const declarations = element.declarations.map(
    ([prefix, ns]) => ` ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}="${escaped(ns, '&<"\t\n\r')}"`,
  );
  const attributes = element.attributes.map(({ prefix, local, value }) => ` ${written(prefix, local)}="${escaped(value, '&<"\t\n\r')}"`);
  const content = element.content.map((item) => (typeof item === 'string' ? escaped(item, '&<>\r') : writeSample(item)));
  const start = `<${name}${declarations.join('')}${attributes.join('')}`;
  return content.length === 0 ? `${start}/>` : `${start}>${content.join('')}</${name}>`;
}

function written(prefix: string, local: string): string {
  return prefix === '' ? local : `${prefix}:${local}`;
}

const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

function escaped(text: string, which: string): string {
  return [...text].map((char) => (which.includes(char) ? REFERENCES[char] : char)).join('');
}

/** Few values, so that they meet again; all that has to be escaped; two, three and four bytes a character; a long one. */
export const sampleText: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      'a',
      'b',
      'true',
      '4',
      '16384',
      'node24',
      'été',
      '小明',
      '😀 ok',
      'x&y',
      '<<&>>',
      'line\nline\ttab',
      'cr\r',
      '"quoted"',
      ' ',
      'f:ref',
    ),
  },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter(isXml) },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.constantFrom('alpha ', 'beta ', 'gamma\n', 'δ ', '&<>'), { minLength: 12, maxLength: 120 })
      .map((parts) => parts.join('')),
  },
);

/** Characters that XML 1.0 has, §2.2. */
function isXml(text: string): boolean {
  return /^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]+$/u.test(text);
}

const PREFIXES = { f: 'urn:f', g: 'urn:g', 'long-prefix': 'http://example.org/?a=1&b="2"' } as const;

function elementOf(depth: number): fc.Arbitrary<SampleElement> {
  const named = fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .constantFrom<keyof typeof PREFIXES>('f', 'g', 'long-prefix')
        .map((prefix) => ({ prefix: prefix as string, ns: PREFIXES[prefix] as string, declarations: [] as [string, string][] })),
    },
    // the default namespace, and a prefix bound anew, are declared on the element itself
    {
      weight: 1,
      arbitrary: fc.constantFrom('urn:d', '').map((ns) => ({ prefix: '', ns, declarations: [['', ns]] as [string, string][] })),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom('urn:f2', 'urn:f3').map((ns) => ({ prefix: 'f', ns, declarations: [['f', ns]] as [string, string][] })),
    },
  );
  const leaf: fc.Arbitrary<(SampleElement | string)[]> = fc.oneof(
    { weight: 5, arbitrary: sampleText.map((text) => [text]) },
    { weight: 1, arbitrary: fc.constant<string[]>([]) },
  );
  const content: fc.Arbitrary<(SampleElement | string)[]> =
    depth === 0
      ? leaf
      : fc.oneof(
          { weight: 3, arbitrary: leaf },
          {
            weight: 3,
            arbitrary: fc.array(
              fc.nat(1).chain(() => elementOf(depth - 1)),
              { minLength: 1, maxLength: 4 },
            ),
          },
          { weight: 1, arbitrary: fc.tuple(sampleText, elementOf(depth - 1), sampleText, elementOf(depth - 1)).map((mixed) => [...mixed]) },
        );
  return fc
    .record({ named, local: fc.constantFrom('hw', 'cpu', 'ram', 'x', 'élan'), content })
    .map(({ named: name, local, content: inside }) => ({ ...name, local, attributes: [], content: inside }));
}

export const SAMPLE_SCOPES = ['/a', '/a/b', '/c'] as const;

/** Declares on each element what its name needs and what is not in scope as it should be. */
function declared(element: SampleElement, scope: ReadonlyMap<string, string>): SampleElement {
  const own = new Map(element.declarations);
  if ((own.get(element.prefix) ?? scope.get(element.prefix) ?? '') !== element.ns) own.set(element.prefix, element.ns);
  const inner = new Map([...scope, ...own]);
  return {
    ...element,
    declarations: [...own],
    content: element.content.map((item) => (typeof item === 'string' ? item : declared(item, inner))),
  };
}

/** A resource with this id. */
export function sampleResource(id: string): fc.Arbitrary<SampleElement> {
  return fc
    .record({
      prefix: fc.constantFrom('', 'r'),
      name: fc.option(fc.constantFrom('n1', 'f:n2'), { nil: undefined }),
      scopes: fc.subarray([...SAMPLE_SCOPES], { minLength: 1 }),
      note: fc.option(sampleText, { nil: undefined }),
      facets: fc.array(elementOf(2), { minLength: 1, maxLength: 3 }),
    })
    .map(({ prefix, name, scopes, note, facets }) => {
      const own = (local: string, text: string): SampleElement => ({
        prefix,
        ns: RESOURCE_NS,
        local,
        declarations: [],
        attributes: [],
        content: [text],
      });
      const root: SampleElement = {
        prefix,
        ns: RESOURCE_NS,
        local: 'resource',
        declarations: [[prefix, RESOURCE_NS] as const, ...Object.entries(PREFIXES)],
        attributes: [
          { prefix: '', ns: '', local: 'id', value: id },
          ...(note === undefined ? [] : [{ prefix: 'f', ns: 'urn:f', local: 'note', value: note }]),
        ],
        content: [...(name === undefined ? [] : [own('name', name)]), ...scopes.map((scope) => own('scope', scope)), ...facets],
      };
      return declared(root, new Map());
    });
}

/** A line of the drawing in contract.ts: what a row is, independently of the shredder. */
export interface ExpectedRow {
  /** kinds and names from the root, e.g. `/r:resource{urn:r}/@id{}` */
  readonly path: string;
  readonly parent: number;
  readonly value: string | { readonly below: number };
}

/** The rows of a resource whose root has row `first`. */
export function expectedRows(root: SampleElement, first: number): ExpectedRow[] {
  const rows: ExpectedRow[] = [];
  const add = (element: SampleElement, path: string, parent: number): void => {
    const row = first + rows.length;
    const own = `${path}/${written(element.prefix, element.local)}{${element.ns}}`;
    rows.push({ path: own, parent, value: '' });
    for (const [prefix, ns] of element.declarations) rows.push({ path: `${own}/xmlns:${prefix}`, parent: row, value: ns });
    for (const { prefix, ns, local, value } of element.attributes)
      rows.push({ path: `${own}/@${written(prefix, local)}{${ns}}`, parent: row, value });
    const [only] = element.content;
    const compact = parent !== 0 && first + rows.length === row + 1 && element.content.every((item) => typeof item === 'string');
    if (compact) {
      rows[row - first] = { path: own, parent, value: (only as string | undefined) ?? '' };
      return;
    }
    for (const item of element.content) {
      if (typeof item === 'string') rows.push({ path: `${own}/text()`, parent: row, value: item });
      else add(item, own, row);
    }
    rows[row - first] = { path: own, parent, value: { below: first + rows.length - row - 1 } };
  };
  add(root, '', 0);
  return rows;
}
