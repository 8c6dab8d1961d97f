import { expect } from 'chai';
import { type Expr, parseXPath, SYNTAX_LIMITS } from '../../../src/discovery/syntax/index.js';
import { Problem } from '../../../src/model/index.js';
import { written } from './written.js';

/** expression → what was understood, fully bracketed and unabbreviated (`written`) */
const READINGS: readonly (readonly [string, string])[] = [
  // §2.5 abbreviations
  ['para', 'child::para'],
  ['*', 'child::*'],
  ['@name', 'attribute::name'],
  ['@*', 'attribute::*'],
  ['.', 'self::node()'],
  ['..', 'parent::node()'],
  ['.//para', 'self::node()/descendant-or-self::node()/child::para'],
  ['//para', '/descendant-or-self::node()/child::para'],
  ['/', '/'],
  ['../@lang', 'parent::node()/attribute::lang'],
  ['para[5][@type="warning"]', 'child::para[5][(attribute::type = "warning")]'],
  // every axis
  ...[
    'ancestor',
    'ancestor-or-self',
    'attribute',
    'child',
    'descendant',
    'descendant-or-self',
    'following',
    'following-sibling',
    'namespace',
    'parent',
    'preceding',
    'preceding-sibling',
    'self',
  ].map((axis) => [`${axis} :: x`, `${axis}::x`] as const),
  // node tests
  ['text()', 'child::text()'],
  ['comment ( )', 'child::comment()'],
  ['node()', 'child::node()'],
  ['processing-instruction()', 'child::processing-instruction()'],
  ['processing-instruction("a b")', 'child::processing-instruction("a b")'],
  ['p:*', 'child::p:*'],
  ['p:x', 'child::p:x'],
  ['Q{urn:x}y', 'child::Q{urn:x}y'],
  ['Q{ urn:x  z }*', 'child::Q{urn:x z}*'],
  ['Q{}y', 'child::Q{}y'],
  ['@Q{urn:x}y', 'attribute::Q{urn:x}y'],
  ['Q', 'child::Q'],
  // §3.7 names that look like operators, node types and axes
  ['* * *', '(child::* * child::*)'],
  ['div div div', '(child::div div child::div)'],
  ['and and and', '(child::and and child::and)'],
  ['or or or', '(child::or or child::or)'],
  ['mod mod mod', '(child::mod mod child::mod)'],
  ['@div div @mod', '(attribute::div div attribute::mod)'],
  ['child::and', 'child::and'],
  ['/div', '/child::div'],
  ['/*', '/child::*'],
  ['(/)*2', '(/ * 2)'],
  ['(/) * 2', '(/ * 2)'],
  ['. * 2', '(self::node() * 2)'],
  ['..*2', '(parent::node() * 2)'],
  ['2*2', '(2 * 2)'],
  ['a[1]*2', '(child::a[1] * 2)'],
  ['text', 'child::text'],
  ['self', 'child::self'],
  ['comment', 'child::comment'],
  ['a and(b)', '(child::a and child::b)'],
  ['a-b', 'child::a-b'],
  ['a -b', '(child::a - child::b)'],
  ['a.b', 'child::a.b'],
  ['$a*$b', '($a * $b)'],
  ['$p:a', '$p:a'],
  // numbers and strings
  ['4.', '4'],
  ['.5', '0.5'],
  ['0005.50', '5.5'],
  ['1.5e2', '150'],
  ['12345678901234567890', '12345678901234567000'],
  ['"it\'s"', '"it\'s"'],
  ['\'say "x"\'', '\'say "x"\''],
  ['""', '""'],
  // precedence and associativity (§3.4, §3.5)
  ['1 or 2 and 3', '(1 or (2 and 3))'],
  ['1 = 2 < 3', '(1 = (2 < 3))'],
  ['1 < 2 = 3', '((1 < 2) = 3)'],
  ['3 > 2 > 1', '((3 > 2) > 1)'],
  ['1 = 2 != 3', '((1 = 2) != 3)'],
  ['1 - 2 + 3', '(1 - 2 + 3)'],
  ['1 + 2 * 3', '(1 + (2 * 3))'],
  ['8 div 4 div 2', '(8 div 4 div 2)'],
  ['-1', '-1'],
  ['--1', '--1'],
  ['- - a|b', '--(child::a | child::b)'],
  ['-a * -b', '(-child::a * -child::b)'],
  ['a | b | c', '(child::a | child::b | child::c)'],
  ['(1 + 2) * 3', '((1 + 2) * 3)'],
  // calls, filters, paths from expressions
  ['count ( a )', 'count(child::a)'],
  ['f()', 'f()'],
  ['p:f(1, a)', 'p:f(1, child::a)'],
  ['concat("a", "b", 3)', 'concat("a", "b", 3)'],
  ['(//a)[1]', '{/descendant-or-self::node()/child::a}[1]'],
  ['id("x")/y', '{id("x")}/child::y'],
  ['id("x")[2]//y', '{{id("x")}[2]}/descendant-or-self::node()/child::y'],
  ['$x/y', '{$x}/child::y'],
  // white space and characters
  ['\t/\r\na\n', '/child::a'],
  ['élan', 'child::élan'],
  ['名前', 'child::名前'],
  ['𐐷x', 'child::𐐷x'],
  ['a·b', 'child::a·b'],
];

/** expression → the message, its column, and a word of the hint */
const REFUSALS: readonly (readonly [string, string, number, string?])[] = [
  ['', 'found the end of the expression where a value or a path is expected', 1],
  ['//host[]', 'found "]" where a value or a path is expected', 8],
  ['//host[1', 'found the end of the expression where an operator or "]" is expected', 9],
  ['count(a', 'found the end of the expression where an operator or ")" is expected', 8],
  ['a b', 'found "b" where an operator or the end of the expression is expected', 3],
  ['a eq b', 'found "eq" where an operator or the end of the expression is expected', 3, 'XPath 1.0 writes ='],
  ['a & b', 'found "&", which has no meaning here', 3, 'XPath 1.0 writes and'],
  ['/ * 5', 'found "5" where an operator or the end of the expression is expected', 5],
  ['chidl::a', 'there is no axis "chidl"', 1, 'did you mean child::?'],
  ['xyzzy::a', 'there is no axis "xyzzy"', 1, 'the axes are'],
  ['a/name()', 'found "name" where a node test is expected', 3, 'name(path)'],
  ['.[1]', 'found "[" where an operator or the end of the expression is expected', 2, 'self::node()[…]'],
  ['..[1]', 'found "[" where an operator or the end of the expression is expected', 3, 'parent::node()[…]'],
  ['"abc', 'the string that starts here has no closing "', 1],
  ['$ x', 'found " " where a name is expected', 2],
  ['a: b', 'found " " where a name is expected', 3],
  ['a :b', 'found ":", which has no meaning here', 3],
  ['a:b:c', 'found ":", which has no meaning here', 4],
  ['é×', '"é×" is not a name', 1],
  ['1.2.3', 'found ".3" where an operator or the end of the expression is expected', 4],
  ['a//', 'found the end of the expression where a node test is expected', 4],
  ['//', 'found the end of the expression where a node test is expected', 3],
  ['a |', 'found the end of the expression where a value or a path is expected', 4],
  ['@@a', 'found "@" where a node test is expected', 2],
  ['child::', 'found the end of the expression where a node test is expected', 8],
  ['child::child::a', 'found "child" where a node test is expected', 8],
  ['@child::a', 'found "child" where a node test is expected', 2],
  ['text(1)', 'found "1" where an operator or ")" is expected', 6],
  ['node("x")', 'found ""x"" where an operator or ")" is expected', 6],
  ['processing-instruction(x)', 'found "x" where an operator or ")" is expected', 24],
  ['a[1]b', 'found "b" where an operator or the end of the expression is expected', 5],
  ['f(,)', 'found "," where a value or a path is expected', 3],
  ['f(1,)', 'found ")" where a value or a path is expected', 5],
  ['()', 'found ")" where a value or a path is expected', 2],
  ['!a', 'found "!", which has no meaning here', 1, 'not(…)'],
  ['for $i in a return b', 'found "$", which has no meaning here', 5],
  ['Q{x', 'the Q{namespace} that starts here has no closing }', 1],
  ['Q{{x}a', 'found "{" where a namespace is expected', 3],
  ['Q{x}}a', 'found "}" where a name is expected', 5],
  ['Q{http://www.w3.org/2000/xmlns/}a', 'no name is in the namespace http://www.w3.org/2000/xmlns/', 1],
  ['1e', 'found "e" where an operator or the end of the expression is expected', 2],
  ['1 e2', 'found "e2" where an operator or the end of the expression is expected', 3],
  ['+1', 'found "+" where a value or a path is expected', 1],
  ['. 5', 'found "5" where an operator or the end of the expression is expected', 3],
  ['1 == 1', 'found "=" where a value or a path is expected', 4],
  ['(: note :) b', 'found ":", which has no meaning here', 2],
  ['Q{x}f()', 'a function is called by its plain or prefixed name, not by Q{namespace}name', 1],
  ['\u0000a', 'the character U+0000 is not allowed in an expression', 1],
  ['a\u0007', 'the character U+0007 is not allowed in an expression', 2],
  ['"\uFFFE"', 'the character U+FFFE is not allowed in an expression', 2],
  ['"\uFFFF"', 'the character U+FFFF is not allowed in an expression', 2],
  ['"😀\uD800"', 'the character U+D800 is not allowed in an expression', 3],
  ['a\u00A0', '"a\u00A0" is not a name', 1],
  ['"😀" b', 'found "b" where an operator or the end of the expression is expected', 5],
];

describe('syntax: an expression becomes a tree', () => {
  for (const [text, reading] of READINGS) {
    it(`${JSON.stringify(text)} is ${reading}`, () => expect(written(parseXPath(text))).to.equal(reading));
  }

  it('tells where every part stands, in UTF-16 units', () => {
    const tree = parseXPath('//a:host[@id = f($x)]/b') as Expr & { kind: 'path' };
    expect(tree.steps.map((step) => step.at)).to.deep.equal([0, 2, 22]);
    const [predicate] = tree.steps[1].predicates as [Expr & { kind: 'compare' }];
    expect([predicate.at, predicate.left.at, predicate.right.at]).to.deep.equal([13, 9, 15]);
  });
});

describe('syntax: what is refused says where and why', () => {
  for (const [text, message, column, hint] of REFUSALS) {
    it(`${JSON.stringify(text)}: ${message} (column ${column})`, () => {
      const problem = refusal(text);
      expect(problem.violations).to.have.length(1);
      expect(problem.violations[0]).to.include({ message, column });
      if (hint !== undefined) expect(problem.hint).to.contain(hint);
    });
  }

  it('points at the place', () => {
    expect(refusal('//host[]').hint).to.equal('//host[]\n       ^');
  });

  it('shows a part of a long expression, with the place under it', () => {
    const [line, caret] = (refusal(`${'a/'.repeat(500)}b c${' | d'.repeat(500)}`).hint as string).split('\n');
    expect(line.length).to.be.below(100);
    expect(line[caret.indexOf('^')]).to.equal('c');
  });

  it('counts lines, when there are several', () => {
    expect(refusal('a\r\n  and "😀" 1').violations[0]).to.include({ line: 2, column: 11 });
  });
});

describe('syntax: bounds', () => {
  const list = SYNTAX_LIMITS.list;

  it('takes ten thousand operands, whatever the operator', () => {
    for (const operator of [' or ', ' and ', ' | ', ' + ', ' * ']) {
      const tree = parseXPath(Array(10_000).fill('@a').join(operator)) as Expr & { operands: unknown[]; rest: unknown[] };
      expect(tree.operands?.length ?? tree.rest.length + 1, operator).to.equal(10_000);
    }
  });

  it('takes an expression of ten thousand tests of real length', () => {
    const text = Array.from({ length: 10_000 }, (_, i) => `@id='ghn-${i}'`).join(' or ');
    expect(parseXPath(text)).to.have.property('operands').with.length(10_000);
  });

  it('takes fifty thousand minus signs', () => {
    expect(parseXPath(`${'-'.repeat(50_000)}1`)).to.include({ kind: 'negate', times: 50_000 });
  });

  it('takes as many levels as it says and not one more', () => {
    const nested = (levels: number) => `${'('.repeat(levels)}1${')'.repeat(levels)}`;
    expect(parseXPath(nested(SYNTAX_LIMITS.depth))).to.include({ kind: 'number' });
    expect(refusal(nested(SYNTAX_LIMITS.depth + 1)).violations[0].rule).to.equal('xpath-limit');
  });

  for (const [what, text] of [
    ['parentheses', '('.repeat(100_000)],
    ['predicates', `a${'[b'.repeat(50_000)}`],
    ['calls', 'f('.repeat(50_000)],
    ['chained comparisons', `1${'=1'.repeat(5_000)}`],
    ['comparisons chained inside one another', `${`(1${'=1'.repeat(100)})`}${`=(1${'=1'.repeat(100)})`.repeat(100)}`],
    ['steps', 'a/'.repeat(list + 1)],
    ['operands', '1+'.repeat(list + 1)],
    ['arguments', `f(${'1,'.repeat(list + 1)}`],
    ['predicates of one step', `a${'[1]'.repeat(list + 1)}`],
    ['a long string', `"${'x'.repeat(SYNTAX_LIMITS.length)}"`],
  ]) {
    it(`refuses too many: ${what}`, () => {
      const problem = refusal(text);
      expect(problem.violations[0].rule).to.equal('xpath-limit');
      expect(problem.hint).to.be.a('string');
    });
  }

  it('takes other limits', () => {
    expect(() => parseXPath('a/b/c', { ...SYNTAX_LIMITS, list: 2 })).to.throw(Problem, 'more than 2 steps');
  });
});

function refusal(text: string): Problem {
  try {
    parseXPath(text);
  } catch (error) {
    expect(error).to.be.instanceOf(Problem);
    expect((error as Problem).code).to.equal('invalid-xpath');
    return error as Problem;
  }
  throw new Error(`${text} was accepted`);
}
