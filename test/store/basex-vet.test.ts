/** Which XQuery is run for somebody who may see a part of the documents, and which is not. */
import { expect } from 'chai';
import { Problem } from '../../src/model/index.js';
import { vet } from '../../src/store/basex/vet.js';

const REFUSED = [
  "doc('/etc/passwd')",
  'fn:doc("x")',
  "doc ('x')",
  "doc\n('x')",
  "doc(: a comment (: in one :) :)('x')",
  "1 -doc('x')",
  "'x' => doc()",
  "'x' ! doc(.)",
  'doc#1',
  'let $f := fn:doc # 1 return $f("x")',
  'for-each("x", doc#1)',
  '<a>"</a>, doc("x"), <b>"</b>',
  "``[`{ doc('x') }`]``",
  "doc-available('x')",
  'collection()',
  "uri-collection('x')",
  "unparsed-text('file:///etc/passwd')",
  "unparsed-text-lines('x')",
  "unparsed-text-available('x')",
  "json-doc('x')",
  'parse-xml(\'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&amp;x;</a>\')',
  "parse-xml-fragment('x')",
  "environment-variable('PATH')",
  'available-environment-variables()',
  "function-lookup(xs:QName('fn:doc'), 1)",
  "load-xquery-module('x')",
  'transform(map { })',
  "put(<a/>, 'x')",
  "trace('x')",
  'base-uri($resources[1])',
  '$resources/document-uri()',
  'generate-id($resources[1])',
  "db:open('d')",
  'db:system()',
  "db:drop('d')",
  "file:read-text('/etc/passwd')",
  "http:send-request(<a/>, 'x')",
  "fetch:text('/etc/passwd')",
  "fetch:text ('/etc/passwd')",
  "proc:system('id')",
  "xquery:eval('1')",
  'inspect:functions()',
  "jobs:eval('1')",
  "client:connect('h', 1, 'u', 'p')",
  "sql:connect('x')",
  'admin:sessions()',
  'user:list()',
  'util:root($resources)',
  "validate:xsd(<a/>, 'x')",
  'xslt:transform(<a/>, <b/>)',
  'session:id()',
  "repo:install('x')",
  "Q{http://basex.org/modules/db}open('d')",
  'Q{http://basex.org/modules/db}open#1',
  "Q{&#x68;ttp://basex.org/modules/db}open ('d')",
  "Q{java:java.lang.System}getProperty('user.home')",
  "declare namespace x = 'java:java.lang.System'; x:getProperty('user.home')",
  "declare namespace math = 'http://basex.org/modules/fetch'; math:text('x')",
  "declare namespace(: :)math = 'http://basex.org/modules/fetch'; math:text('x')",
  "<a xmlns:math='http://basex.org/modules/fetch'>{ math:text('x') }</a>",
  "declare default function namespace 'http://basex.org/modules/fetch'; text('x')",
  "declare default (: :) function namespace 'http://basex.org/modules/fetch'; text('x')",
  "import module namespace x = 'http://basex.org/modules/fetch'; 1",
  "import(: :)module namespace x = 'x'; 1",
  "import schema 'x'; 1",
  "declare option db:chop 'no'; 1",
  "declare(: :)option db:chop 'no'; 1",
  '(# db:enforceindex #) { 1 }',
  '"a" contains text "b" using stop words at "/etc/hostname"',
  '"a" contains text "b" using stop(: :)words at "/etc/hostname"',
  '"a" contains text "b" using stop words ("x") union at "/etc/hostname"',
  '"a" contains text "b" using thesaurus at "/etc/x.xml"',
  '"a" contains text "b" using thesaurus (: :) (default, at "/etc/x.xml")',
  'declare %rest:path("x") function local:f() { 1 }; 1',
];

const ALLOWED = [
  'count($resources)',
  'for $r in $resources where $r//h:memoryMb > 5 order by $r/@id return <host id="{ $r/*/@id }">{ $r//h:hostname/text() }</host>',
  'map { "a": array { 1 to 3 }, "b": map:keys(map { 1: 2 }) }',
  'declare function local:f($a) { $a + 1 }; local:f(1)',
  'declare variable $x := fn:count($resources); $x',
  '(: a comment :) if (exists($resources)) then "doc" else "collection"',
  '$resources/*/doc/collection[1]',
  '$resources//text()[contains(., "x")] ! string-length(.)',
  'copy $c := $resources[1] modify delete node $c/*/* return $c',
  'let $my-doc := 1 return local:my-doc-of($my-doc)',
  'sort($resources//x ! xs:integer(.)) => sum()',
  'math:sqrt(2)',
  '$resources[.//text() contains text "a" using stemming using language "en"]',
  'Q{urn:f}host',
  '<a xmlns:f="urn:f" xmlns="urn:g">{ 1 }</a>',
];

describe('A report', () => {
  for (const text of REFUSED)
    it(`is refused: ${text.slice(0, 70).replace(/\s+/g, ' ')}`, () => {
      expect(() => vet(text))
        .to.throw(Problem)
        .with.property('code', 'invalid-xquery');
    });
  for (const text of ALLOWED)
    it(`may be run: ${text.slice(0, 70)}`, () => {
      expect(vet(text).rest.trim()).to.equal(text);
    });

  it('is told where it is refused', () => {
    try {
      vet('let $a := 1\nreturn  fetch:text("x")');
      expect.fail();
    } catch (error) {
      expect((error as Problem).violations).to.deep.equal([
        { rule: 'xquery-refused', message: 'fetch:text() is not at hand here', line: 2, column: 9 },
      ]);
    }
  });

  it('is looked at in no time, however long and odd it is', () => {
    const began = performance.now();
    const texts = ['a'.repeat(1_000_000), 'Q{'.repeat(500_000), 'a-'.repeat(500_000), 'doc('.repeat(300_000), ' '.repeat(1_000_000)];
    for (const text of texts) {
      try {
        vet(text);
      } catch (error) {
        expect(error).to.be.instanceOf(Problem);
      }
    }
    expect(performance.now() - began).to.be.lessThan(3000);
  });

  it('keeps its lines and columns when its first declarations are taken before others', () => {
    const vetted = vet('xquery version "3.1";\ndeclare namespace f = "urn:f";\n  declare default element namespace \'urn:g\'; 1 +');
    expect(vetted.first).to.equal('xquery version "3.1"; declare namespace f = "urn:f"; declare default element namespace \'urn:g\'; ');
    expect(vetted.prefixes).to.deep.equal(['f']);
    expect(vetted.rest.split('\n').map((line) => line.trimEnd().length)).to.deep.equal([0, 0, 48]);
  });
});
