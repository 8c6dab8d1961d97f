import fc from 'fast-check';
import { ATTRIBUTE_NAMES, ELEMENT_NAMES, PREFIXES, TARGETS, VALUES } from './documents.js';

/** Random expressions that cover the grammar, abbreviations included, each of the type it is asked for. */
export interface ExpressionOptions {
  /** variables `$n` (node-set), `$s`, `$f` (number), `$t` (boolean) may be used */
  readonly variables: boolean;
  /** functions and syntax beyond XPath 1.0 may be used */
  readonly extensions: boolean;
}

/** Expressions that no plain XPath 1.0 engine takes: extensions, and variables, which libxml2's binding cannot be given. */
export const BEYOND_1_0 =
  /\$|Q\{|\b(?:ends-with|exists|empty|matches|replace|tokenize|lower-case|upper-case|string-join|distinct-values|min|max|avg|abs)\s*\(/;

const AXES = [
  'child',
  'child',
  'descendant',
  'descendant-or-self',
  'attribute',
  'self',
  'parent',
  'ancestor',
  'ancestor-or-self',
  'following',
  'following-sibling',
  'preceding',
  'preceding-sibling',
  'namespace',
];

const literal = fc.constantFrom(...VALUES, 'x', 'p:a').map((text) => (text.includes('"') ? `'${text}'` : `"${text.replace('\n', ' ')}"`));
const integer = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('1', '1', '2') },
  { weight: 1, arbitrary: fc.constantFrom('0', '3', '4') },
);
const numeral = fc.oneof(
  { weight: 4, arbitrary: integer },
  { weight: 1, arbitrary: fc.constantFrom('.5', '1.5', '2.', '0.1', '1000000', '123456789012', '-1') },
);
const nameTest = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...ELEMENT_NAMES, 'a', 'a') },
  { weight: 9, arbitrary: fc.constant('*') },
  { weight: 1, arbitrary: fc.constantFrom(...PREFIXES, 'd').map((prefix) => `${prefix}:*`) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...PREFIXES, 'd'), fc.constantFrom(...ELEMENT_NAMES)).map((parts) => parts.join(':')) },
);
const attributeTest = fc.constantFrom('*', '*', ...ATTRIBUTE_NAMES, 'p:x', 'p:*', 'xml:lang', 'node()');
const typeTest = fc.constantFrom(
  'node()',
  'node()',
  'text()',
  'text()',
  'comment()',
  'processing-instruction()',
  ...TARGETS.map((target) => `processing-instruction("${target}")`),
);
const namespaceTest = fc.constantFrom('*', 'p', 'q', 'xml', 'node()', 'p:*');
const nearby = fc.constantFrom(
  '.',
  '@x',
  '@x',
  '@y',
  '@id',
  '@*',
  'a',
  'a',
  'b',
  '*',
  'text()',
  'p:a',
  'a/b',
  '*/@x',
  './/a',
  './/@y',
  '..',
  '../@x',
  'a/text()',
  '@xml:lang',
  'following-sibling::*',
  'preceding-sibling::*[1]',
  'ancestor::a/@x',
);
const compareOp = fc.constantFrom('=', '=', '=', '!=', '<', '<=', '>', '>=').chain((op) => fc.constantFrom(op, ` ${op} `));

interface Weighted {
  weight: number;
  arbitrary: fc.Arbitrary<string>;
}

interface Typed {
  nodeset: string;
  path: string;
  step: string;
  predicate: string;
  test: string;
  boolean: string;
  number: string;
  string: string;
  any: string;
}

export function expressions({ variables, extensions }: ExpressionOptions): fc.Arbitrary<string> {
  const when = (allowed: boolean, weight: number, arbitrary: fc.Arbitrary<string>): Weighted[] => (allowed ? [{ weight, arbitrary }] : []);
  const { any } = fc.letrec<Typed>((tie: fc.LetrecTypedTie<Typed>): fc.LetrecValue<Typed> => {
    const pick = (...all: (fc.Arbitrary<string> | Weighted)[]): fc.Arbitrary<string> =>
      fc.oneof(
        { maxDepth: 6, depthSize: 'medium', depthIdentifier: 'expression' },
        ...all.map((each): Weighted => ('weight' in each ? each : { weight: 1, arbitrary: each })),
      );
    const call = (name: string, ...args: (keyof Typed)[]) =>
      fc
        .tuple(fc.constantFrom('', '', ' '), ...args.map((arg) => tie(arg)))
        .map(([space, ...values]) => `${name}${space}(${space}${values.join(`,${space}`)})`);
    const infix = (operand: keyof Typed, operator: fc.Arbitrary<string>, other: keyof Typed = operand) =>
      fc.tuple(tie(operand), operator, tie(other)).map((parts) => parts.join(''));
    const tokens = fc
      .tuple(tie('string'), fc.constantFrom('', ',"a"', ',"[ 1]"', ',"b+"'), fc.constantFrom('', '', '[2]', '[.!=""]', '[last()]/..'))
      .map(([text, pattern, end]) => `tokenize(${text}${pattern})${end}`);
    const parenthesised = (inner: keyof Typed) => tie(inner).map((text) => `(${text})`);
    return {
      any: pick(
        { weight: 4, arbitrary: tie('nodeset') },
        { weight: 2, arbitrary: tie('boolean') },
        { weight: 2, arbitrary: tie('number') },
        { weight: 2, arbitrary: tie('string') },
      ),

      nodeset: pick(
        { weight: 8, arbitrary: tie('path') },
        { weight: 1, arbitrary: infix('nodeset', fc.constantFrom('|', ' | ')) },
        {
          weight: 1,
          arbitrary: fc
            .tuple(tie('nodeset'), fc.array(tie('predicate'), { maxLength: 2 }))
            .map(([inner, predicates]) => `(${inner})${predicates.join('')}`),
        },
        {
          weight: 1,
          arbitrary: fc
            .tuple(tie('nodeset'), fc.constantFrom('/', '//'), tie('step'))
            .map(([inner, slash, step]) => `(${inner})${slash}${step}`),
        },
        {
          weight: 1,
          arbitrary: fc.oneof(fc.constantFrom('id("i1")', 'id("i2 i1 1")', 'id(//@*)', 'id(.//@x)', 'id(//text())'), call('id', 'any')),
        },
        ...when(variables, 1, fc.constantFrom('$n', '$n/*', '$n[1]')),
        ...when(extensions, 1, call('distinct-values', 'nodeset')),
      ),
      path: fc
        .tuple(
          fc.constantFrom('', '/', '/*/', '//', '//', '//', '//', './/'),
          fc.array(tie('step'), { minLength: 1, maxLength: 3, size: 'xsmall', depthIdentifier: 'expression' }),
          fc.constantFrom('/', '/', '//'),
          // Few steps lead on from an attribute or a text, so most stand at the end.
          fc.oneof(
            { weight: 4, arbitrary: fc.constant('') },
            { weight: 2, arbitrary: attributeTest.map((test) => `/@${test}`) },
            { weight: 1, arbitrary: fc.constantFrom('/text()', '//text()', '/node()', '/..', '/.') },
          ),
        )
        .map(([start, steps, slash, end]) => start + steps.join(slash) + end),
      step: fc
        .oneof(
          { weight: 6, arbitrary: nameTest },
          { weight: 1, arbitrary: typeTest },
          { weight: 1, arbitrary: attributeTest.map((test) => `@${test}`) },
          { weight: 1, arbitrary: fc.constantFrom('.', '..') },
          {
            weight: 6,
            arbitrary: fc
              .constantFrom(...AXES)
              .chain((axis) =>
                (axis === 'attribute' ? attributeTest : axis === 'namespace' ? namespaceTest : fc.oneof(nameTest, typeTest)).map(
                  (test) => `${axis}::${test}`,
                ),
              ),
          },
          ...(extensions ? [{ weight: 1, arbitrary: fc.constantFrom('Q{urn:1}a', 'Q{}b', 'Q{urn:default}*', '@Q{urn:1}x') }] : []),
        )
        .chain((step) =>
          step === '.' || step === '..'
            ? fc.constant(step)
            : fc.array(tie('predicate'), { maxLength: 2, size: 'xsmall', depthIdentifier: 'expression' }).map((all) => step + all.join('')),
        ),
      predicate: pick(
        { weight: 3, arbitrary: integer.map((n) => `[${n}]`) },
        {
          weight: 1,
          arbitrary: fc.constantFrom('[last()]', '[position()<3]', '[position() mod 2=1]', '[last()-1]', '[position()=last()]'),
        },
        { weight: 5, arbitrary: tie('test').map((text) => `[${text}]`) },
        { weight: 1, arbitrary: tie('boolean').map((text) => `[${text}]`) },
        { weight: 1, arbitrary: tie('nodeset').map((text) => `[${text}]`) },
        { weight: 1, arbitrary: tie('number').map((text) => `[${text}]`) },
        { weight: 1, arbitrary: tie('string').map((text) => `[${text}]`) },
      ),

      // What people ask: a value close to the node. These meet the engine's indexes.
      test: pick(
        { weight: 6, arbitrary: fc.tuple(nearby, compareOp, fc.oneof(literal, numeral)).map((parts) => parts.join('')) },
        { weight: 2, arbitrary: nearby },
        { weight: 1, arbitrary: fc.tuple(fc.oneof(literal, numeral), compareOp, nearby).map((parts) => parts.join('')) },
        {
          weight: 2,
          arbitrary: fc
            .tuple(fc.constantFrom('contains', 'starts-with'), nearby, literal)
            .map(([name, of, what]) => `${name}(${of},${what})`),
        },
        { weight: 1, arbitrary: fc.tuple(nearby, compareOp, tie('nodeset')).map((parts) => parts.join('')) },
        { weight: 1, arbitrary: fc.tuple(nearby, compareOp, nearby).map((parts) => parts.join('')) },
        {
          weight: 1,
          arbitrary: fc.tuple(fc.constantFrom('count', 'string-length', 'sum', 'not'), nearby).map(([name, of]) => `${name}(${of})`),
        },
        { weight: 2, arbitrary: infix('test', fc.constantFrom(' and ', ' or ')) },
        { weight: 1, arbitrary: tie('test').map((text) => `not(${text})`) },
        ...when(
          extensions,
          1,
          fc.tuple(nearby, literal).map(([of, what]) => `ends-with(${of},${what})`),
        ),
      ),
      boolean: pick(
        { weight: 3, arbitrary: fc.constantFrom('true()', 'false()') },
        { weight: 6, arbitrary: infix('any', compareOp) },
        { weight: 4, arbitrary: infix('nodeset', compareOp, 'string') },
        { weight: 3, arbitrary: infix('nodeset', compareOp, 'number') },
        { weight: 2, arbitrary: infix('any', fc.constantFrom(' and ', ' or ')) },
        call('not', 'any'),
        call('boolean', 'any'),
        call('contains', 'string', 'string'),
        call('starts-with', 'string', 'string'),
        fc.constantFrom('en', 'EN', 'en-US', 'de', '').map((language) => `lang("${language}")`),
        ...when(variables, 1, fc.constant('$t')),
        ...when(
          extensions,
          1,
          fc.tuple(tokens, compareOp, fc.oneof(literal, nearby)).map((parts) => parts.join('')),
        ),
        ...when(extensions, 1, fc.oneof(call('ends-with', 'string', 'string'), call('exists', 'nodeset'), call('empty', 'nodeset'))),
        ...when(
          extensions,
          1,
          fc
            .tuple(tie('string'), fc.constantFrom('a', '^a', 'b$', '[ab]+', 'a|é', '^.$', '(a)(b)?'))
            .map(([text, pattern]) => `matches(${text},"${pattern}")`),
        ),
        parenthesised('boolean'),
      ),
      number: pick(
        { weight: 4, arbitrary: numeral },
        { weight: 2, arbitrary: call('count', 'nodeset') },
        { weight: 2, arbitrary: fc.constantFrom('position()', 'last()') },
        call('sum', 'nodeset'),
        call('number', 'any'),
        fc.constantFrom('number()', 'string-length()'),
        call('string-length', 'any'),
        fc.tuple(fc.constantFrom('floor', 'ceiling', 'round'), tie('number')).map(([name, inner]) => `${name}(${inner})`),
        { weight: 3, arbitrary: infix('number', fc.constantFrom('+', ' - ', '*', ' div ', ' mod ')) },
        fc
          .tuple(fc.constantFrom('-', '--', '- '), tie('any'))
          .map((parts) => parts.join(''))
          .map((text) => `(${text})`),
        ...when(variables, 1, fc.constant('$f')),
        ...when(extensions, 1, fc.oneof(call('min', 'nodeset'), call('max', 'nodeset'), call('avg', 'nodeset'), call('abs', 'number'))),
        ...when(
          extensions,
          1,
          tokens.map((text) => `count(${text})`),
        ),
        parenthesised('number'),
      ),
      string: pick(
        { weight: 4, arbitrary: literal },
        { weight: 2, arbitrary: call('string', 'any') },
        { weight: 2, arbitrary: fc.constantFrom('string()', 'name()', 'local-name()', 'namespace-uri()', 'normalize-space()') },
        fc.tuple(fc.constantFrom('name', 'local-name', 'namespace-uri'), tie('nodeset')).map(([name, inner]) => `${name}(${inner})`),
        call('concat', 'any', 'any'),
        call('concat', 'string', 'any', 'string'),
        call('substring', 'string', 'number'),
        call('substring', 'string', 'number', 'number'),
        call('substring-before', 'string', 'string'),
        call('substring-after', 'string', 'string'),
        call('translate', 'string', 'string', 'string'),
        call('normalize-space', 'any'),
        ...when(variables, 1, fc.constant('$s')),
        ...when(
          extensions,
          1,
          fc.oneof(call('lower-case', 'string'), call('upper-case', 'string'), call('string-join', 'nodeset', 'string')),
        ),
        ...when(
          extensions,
          1,
          fc
            .tuple(tie('string'), fc.constantFrom('a', '[ab]', '(a)(b)?', ' '))
            .map(([text, pattern]) => `replace(${text},"${pattern}","<$0>")`),
        ),
      ),
    };
  });
  return any;
}
