import { expect } from 'chai';
import { loadPlainDocument, nodeAtPath, nodePath } from '../../src/discovery/plain-document.js';
import { pathOf } from '../discovery/twin/case-document.js';
import { treeOf } from '../discovery/twin/index.js';

const DOCUMENT = `<!--a--><?t 1?><r xmlns="u" xmlns:p="v" x="1" p:x="2">one<a/>two<a>text</a><!--c--><a xmlns="" xml:lang="de"> <b/><?t 2?><?t 3?></a></r><!--b-->`;

describe('node paths of a plain document', () => {
  const columns = loadPlainDocument(DOCUMENT);

  it('lead to the node and back, for every node', () => {
    const paths = treeOf(DOCUMENT).document.nodes.map(pathOf);
    expect(paths).to.include.members([
      '/',
      '/comment()[2]',
      '/*[1]/@p:x',
      '/*[1]/namespace::',
      '/*[1]/*[2]/text()[1]',
      '/*[1]/*[3]/@xml:lang',
    ]);
    for (const path of paths) {
      const node = nodeAtPath(columns, path);
      expect(node, path).to.not.equal(undefined);
      expect(nodePath(columns, node as number)).to.equal(path);
    }
  });

  it('know namespace nodes by what is in scope', () => {
    expect(nodeAtPath(columns, '/*[1]/*[1]/namespace::p')).to.include({ prefix: 'p', uri: 'v' });
    expect(nodeAtPath(columns, '/*[1]/*[1]/namespace::')).to.include({ prefix: '', uri: 'u' });
    expect(nodeAtPath(columns, '/*[1]/*[3]/namespace::')).to.equal(undefined);
    expect(nodeAtPath(columns, '/*[1]/namespace::xml')).to.include({ uri: 'http://www.w3.org/XML/1998/namespace' });
  });

  for (const path of [
    '',
    'x',
    '/*',
    '/*[0]',
    '/*[2]',
    '/*[1]/*[9]',
    '/*[1]/@y',
    '/*[1]/text()[3]',
    '/*[1]/*[1]/text()[1]',
    '/*[1]/namespace::q',
    '/r',
    '/*[1]/@x/*[1]',
  ]) {
    it(`there is nothing at "${path}"`, () => expect(nodeAtPath(columns, path)).to.equal(undefined));
  }
});
