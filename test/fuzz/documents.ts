import fc from 'fast-check';

/**
 * Random documents: few names and values, so that expressions hit them often; every node kind; namespaces declared,
 * redeclared and undeclared; doubled and foreign IDs; xml:lang. Small, for the twin is slow.
 */
export const ELEMENT_NAMES = ['a', 'b', 'c'];
export const ATTRIBUTE_NAMES = ['x', 'y', 'id'];
export const PREFIXES = ['p', 'q'];
export const NAMESPACES: Readonly<Record<string, string>> = { p: 'urn:1', q: 'urn:2', d: 'urn:default' };
export const VALUES = [
  '',
  ' ',
  '0',
  '1',
  '2',
  '10',
  '-1.5',
  '.5',
  '007',
  '1e3',
  'NaN',
  'a',
  'b',
  'ab',
  'A B',
  'aab',
  'é',
  '😀x',
  'i1',
  'i2 i1',
  ' 3 \n',
  'en',
  '-',
];
export const TARGETS = ['t', 'u'];
const LANGUAGES = ['en', 'EN-us', 'de', ''];

const DTD = '<!DOCTYPE a [<!ATTLIST a id ID #IMPLIED><!ATTLIST b id ID #IMPLIED><!ATTLIST c x CDATA "dx">]>';

const value = fc.constantFrom(...VALUES);
const escaped = value.map((text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;').replace(/\n/g, '&#10;'));
/** Two texts side by side are one node, and an empty one is none: both are wanted. */
const leaf = fc.oneof(
  { weight: 5, arbitrary: escaped },
  { weight: 1, arbitrary: value.filter((text) => !text.includes('-')).map((text) => `<!--${text}-->`) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...TARGETS), value).map(([target, text]) => `<?${target} ${text.trim()}?>`) },
);

const declarations = fc.oneof(
  { weight: 6, arbitrary: fc.constant('') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ' xmlns="urn:default"',
      ' xmlns=""',
      ' xmlns:p="urn:2"',
      ' xmlns:q="urn:1"',
      ' xmlns:r="urn:1"',
      ' xmlns:s="urn:3" xmlns="urn:1"',
    ),
  },
);
const name = fc
  .tuple(fc.constantFrom('', '', '', '', '', ...PREFIXES), fc.constantFrom('a', 'a', 'a', 'b', 'b', 'c'))
  .map(([prefix, local]) => (prefix ? `${prefix}:${local}` : local));
/** One attribute of a local name at most, so that redeclared prefixes cannot make two the same. */
const attributes = fc
  .tuple(
    ...ATTRIBUTE_NAMES.map((local) =>
      fc.option(
        fc.tuple(fc.constantFrom('', '', 'p:'), escaped).map(([prefix, text]) => ` ${local === 'id' ? '' : prefix}${local}="${text}"`),
        { nil: '', freq: 2 },
      ),
    ),
    fc.option(
      fc.constantFrom(...LANGUAGES).map((language) => ` xml:lang="${language}"`),
      { nil: '', freq: 6 },
    ),
  )
  .map((all) => all.filter((text) => !text?.includes('id=" ')).join(''));

const { element } = fc.letrec<{ element: string; content: string }>((tie) => ({
  element: fc
    .tuple(name, declarations, attributes, fc.array(tie('content'), { maxLength: 5, depthIdentifier: 'document' }))
    .map(([tag, declared, written, content]) => `<${tag}${declared}${written}>${content.join('')}</${tag}>`),
  content: fc.oneof({ depthIdentifier: 'document', maxDepth: 4, depthSize: 'small' }, leaf, tie('element'), tie('element')),
}));

const misc = fc.array(fc.constantFrom('<!--a-->', '<?t 1?>', '<!--ab-->'), { maxLength: 2 }).map((all) => all.join(''));

export const documents: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom('', DTD), misc, fc.constantFrom(...ELEMENT_NAMES), attributes, fc.array(element, { maxLength: 5 }), misc)
  .map(
    ([dtd, before, tag, written, children, after]) =>
      `${dtd}${before}<${tag} xmlns:p="urn:1" xmlns:q="urn:2"${written}>${children.join('')}</${tag}>${after}`,
  );
