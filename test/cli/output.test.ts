import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { documentsIn } from '../../src/cli/documents.js';
import { exitCodeOf, UsageError } from '../../src/cli/exit-code.js';
import { inputFiles } from '../../src/cli/input.js';
import { createColors } from '../../src/cli/output/colors.js';
import { excerpt } from '../../src/cli/output/excerpt.js';
import { nodeName, nodeText } from '../../src/cli/output/found-node.js';
import { cell, table } from '../../src/cli/output/table.js';
import { colorsFor } from '../../src/cli/terminal.js';
import { Unreachable } from '../../src/client/index.js';
import { PROBLEMS, Problem, type ProblemCode } from '../../src/model/index.js';
import { testTerminal } from './terminal.js';

const plain = createColors(false);

describe('What the command line prints', () => {
  it('a line with a caret under the place, whatever stands before it', () => {
    const text = 'first\n\t日本 = oops\r\nlast';
    expect(excerpt(text, 2, 7, plain)).to.equal('    2 |   日本 = oops\n      |          ^\n');
    expect(excerpt(text, 1, undefined, plain)).to.equal('    1 | first\n');
    expect(excerpt(text, 9, 1, plain)).to.equal('');
    expect(excerpt('a\u001b[31mb', 1, 3, plain)).not.to.include('\u001b');
    const [line, caret] = excerpt(`${'x'.repeat(5000)}!${'y'.repeat(5000)}`, 1, 5001, plain).split('\n') as [string, string];
    expect(line.length).to.be.lessThan(140);
    expect(line[caret.indexOf('^')]).to.equal('!');
  });

  it('tables by the width of what is seen', () => {
    const rows = [
      ['日本', 'x'],
      ['a', 'y'],
    ];
    expect(table(['A', 'B'], rows, plain)).to.equal('A      B\n日本   x\na      y\n');
    expect(table(['A'], [['long enough']], plain, 5)).to.equal('A\nlong…\n');
    expect(cell(' a\n b\u0007 ')).to.equal('a b\uFFFD');
  });

  it('colours only for terminals that want them', () => {
    const on = (env: Record<string, string>, tty: boolean, mode?: 'always' | 'never') =>
      colorsFor(testTerminal({ env, tty }), 'stdout', mode).isColorSupported;
    expect([
      on({}, true),
      on({}, false),
      on({ NO_COLOR: '1' }, true),
      on({ NO_COLOR: '' }, true),
      on({ TERM: 'dumb' }, true),
    ]).to.deep.equal([true, false, false, true, false]);
    expect([on({ NO_COLOR: '1' }, false, 'always'), on({}, true, 'never')]).to.deep.equal([true, false]);
  });

  it('nodes by name and text', () => {
    const element = (xml: string) => ({ kind: 'element', resource: 'a', whole: false, xml }) as const;
    expect(nodeName(element('<f:n xmlns:f="urn:f">1</f:n>'))).to.equal('f:n');
    expect(nodeText(element('<f:n xmlns:f="urn:f">a &lt; b &amp; &#x1F600;</f:n>'))).to.equal('a < b & 😀');
    expect(nodeText(element('<n/>'))).to.equal('');
    expect(nodeText(element('<n><m>1</m></n>'))).to.equal('<n><m>1</m></n>');
    expect(nodeName({ kind: 'attribute', resource: 'a', name: 'id', value: 'x' })).to.equal('@id');
  });

  it('an exit code for every problem', () => {
    const codes = new Map((Object.keys(PROBLEMS) as ProblemCode[]).map((code) => [code, exitCodeOf(new Problem(code))]));
    expect([...new Set(codes.values())].sort()).to.deep.equal([1, 2, 3, 4, 5, 6, 7]);
    expect(codes.get('not-found')).to.equal(3);
    expect(codes.get('precondition-failed')).to.equal(4);
    expect(codes.get('invalid-resource')).to.equal(5);
    expect(codes.get('forbidden')).to.equal(6);
    expect(codes.get('starting')).to.equal(7);
    expect([exitCodeOf(new UsageError('x')), exitCodeOf(new Unreachable('u', 'refused', 'x')), exitCodeOf(new Error('x'))]).to.deep.equal([
      2, 7, 1,
    ]);
  });
});

describe('The files that a command is given', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'facetry-input-'));
    mkdirSync(join(folder, 'a/b'), { recursive: true });
    for (const name of ['x.xml', 'y.xml', '.hidden.xml', 'z.txt', 'a/x1.xml', 'a/b/x2.xml', 'odd[1].xml'])
      writeFileSync(join(folder, name), '<a/>');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const found = (...names: string[]) => inputFiles(names, testTerminal({ cwd: folder })).map(({ label }) => label);

  it('are found by patterns', () => {
    expect(found('*.xml')).to.deep.equal(['odd[1].xml', 'x.xml', 'y.xml']);
    expect(found('?.xml', 'z.txt')).to.deep.equal(['x.xml', 'y.xml', 'z.txt']);
    expect(found('**/*.xml')).to.deep.equal(['a/b/x2.xml', 'a/x1.xml', 'odd[1].xml', 'x.xml', 'y.xml']);
    expect(found('a/*/x?.xml')).to.deep.equal(['a/b/x2.xml']);
    expect(found(join(folder, 'x*.xml'))).to.deep.equal([join(folder, 'x.xml')]);
    expect(found('odd[1].xml', '-')).to.deep.equal(['odd[1].xml', '<stdin>']);
    expect(() => found('no*.xml')).to.throw(UsageError, 'no file matches no*.xml');
    expect(() => found('a')).to.throw(UsageError, 'a is a folder');
  });

  it('hold one document, one a line, or a wrapper', async () => {
    const read = async (text: string, name = 'f.xml') => {
      writeFileSync(join(folder, name), text);
      const terminal = testTerminal({ cwd: folder });
      const all: string[] = [];
      for (const file of inputFiles([name], terminal))
        for await (const one of documentsIn(file, terminal)) all.push('wrapper' in one ? 'wrapper' : `${one.line}: ${one.text}`);
      return all;
    };
    expect(await read('<a>\n<b/>\n</a>\n')).to.deep.equal(['1: <a>\n<b/>\n</a>\n']);
    expect(await read('<?xml version="1.0"?>\n<a/>\n')).to.deep.equal(['1: <?xml version="1.0"?>\n<a/>\n']);
    expect(await read('<a/>\n<b/>\n')).to.deep.equal(['1: <a/>', '2: <b/>']);
    expect(await read('<a x="1"><b/></a>\n\n<a>2</a>')).to.deep.equal(['1: <a x="1"><b/></a>', '3: <a>2</a>']);
    expect(await read('<a>\n</a>\n', 'f.ndxml')).to.deep.equal(['1: <a>', '2: </a>']);
    expect(await read('<!-- many --><resources>\n<a/></resources>')).to.deep.equal(['wrapper']);
    expect(await read('<r:resources xmlns:r="x"/>')).to.deep.equal(['wrapper']);
  });
});
