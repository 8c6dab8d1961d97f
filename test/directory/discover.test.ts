import { expect } from 'chai';
import { type Answer, type Caller, OPEN_CALLER, type Question } from '../../src/directory/index.js';
import { Problem } from '../../src/model/index.js';
import { bytes, openTestDirectory, resourceXml, type TestDirectory } from './open-test-directory.js';

const NAMESPACES = { f: 'urn:f' };

describe('discovery', () => {
  let test: TestDirectory;
  before(async () => {
    test = await openTestDirectory();
    for (let k = 0; k < 25; k++) {
      await test.directory.put(
        OPEN_CALLER,
        `n${k}`,
        bytes(resourceXml(`n${k}`, { cpu: String(k), scopes: k % 3 === 0 ? ['/a', '/b'] : k % 3 === 1 ? ['/a'] : ['/b'] })),
      );
    }
  });
  after(() => test.destroy());

  const ask = (question: Question, caller: Caller = OPEN_CALLER): Promise<Answer> =>
    test.directory.discover(caller, { namespaces: NAMESPACES, ...question });
  async function values(answer: Answer): Promise<string[]> {
    const found: string[] = [];
    if (answer.type === 'nodeset') for await (const item of answer.items) found.push(item.value);
    return found;
  }
  const value = (answer: Answer): unknown => (answer.type === 'nodeset' ? answer.total : answer.value);

  it('gives numbers, strings and booleans their types', async () => {
    expect(await ask({ xpath: 'sum(//f:cpu)' })).to.include({ type: 'number', value: 300 });
    expect(await ask({ xpath: 'string(//f:cpu[. = 7])' })).to.include({ type: 'string', value: '7' });
    expect(await ask({ xpath: '//f:cpu > 24' })).to.include({ type: 'boolean', value: false });
  });

  it('gives whole resources as they were published', async () => {
    const answer = await ask({ xpath: '/r:resource[f:hw/f:cpu = 7]' });
    expect(await values(answer)).to.deep.equal([resourceXml('n7', { cpu: '7', scopes: ['/a'] })]);
  });

  it('tells kind, name and resource of each node', async () => {
    const answer = await ask({ xpath: "/r:resource[@id='n1']/@id | /r:resource[@id='n1']//f:cpu/text()" });
    const items = [];
    if (answer.type === 'nodeset') for await (const item of answer.items) items.push(item);
    expect(items).to.deep.equal([
      { resource: 'n1', kind: 'attribute', value: 'n1', name: 'id', whole: false },
      { resource: 'n1', kind: 'text', value: '1', whole: false },
    ]);
  });

  it('pages over one state of the directory, whatever is written meanwhile', async () => {
    const question = { xpath: '//f:cpu/text()', limit: 10 };
    const first = await ask(question);
    expect(value(first)).to.equal(25);
    const seen = await values(first);
    await test.directory.put(OPEN_CALLER, 'extra', bytes(resourceXml('extra')));
    await test.directory.remove(OPEN_CALLER, 'n20');
    for (let page: Answer = first; page.type === 'nodeset' && page.next !== undefined; ) {
      page = await ask({ ...question, cursor: page.next });
      seen.push(...(await values(page)));
    }
    expect(seen).to.deep.equal(Array.from({ length: 25 }, (_, k) => String(k)));
    await test.directory.remove(OPEN_CALLER, 'extra');
    await test.directory.put(OPEN_CALLER, 'n20', bytes(resourceXml('n20', { cpu: '20', scopes: ['/b'] })));
  });

  it('refuses a cursor of another question', async () => {
    const answer = await ask({ xpath: '//f:cpu', limit: 1 });
    const next = answer.type === 'nodeset' ? answer.next : undefined;
    const problem = await ask({ xpath: '//f:hw', cursor: next as string }).catch((error: Problem) => error);
    expect(problem).to.include({ code: 'bad-request' });
  });

  it('passes variables as values, never as text', async () => {
    const evil = "7'] | //*['";
    expect(value(await ask({ xpath: 'count(//f:cpu[. = $x])', variables: { x: evil } }))).to.equal(0);
    expect(value(await ask({ xpath: 'count(//f:cpu[. = $x])', variables: { x: 7 } }))).to.equal(1);
    expect(value(await ask({ xpath: 'string($x)', variables: { x: evil } }))).to.equal(evil);
  });

  it('says where an expression is wrong', async () => {
    const problem = await ask({ xpath: '//f:cpu[' }).catch((error: Problem) => error);
    expect(problem).to.be.instanceOf(Problem).and.to.include({ code: 'invalid-xpath' });
    expect((problem as Problem).violations[0]?.column).to.equal(9);
  });

  it('explains what it did', async () => {
    const answer = await ask({ xpath: '/r:resource[f:hw/f:cpu = 7]', explain: true });
    expect(answer.plan).to.be.an('array').that.is.not.empty;
    expect(answer.plan?.[0]).to.have.property('operator').that.is.a('string');
  });

  it('ends a question in its budget, and answers others meanwhile', async () => {
    const long = ask({ xpath: 'count(//*[count(//*[count(//*[count(//*) > 0]) > 0]) > 0])', budgetMs: 300 }).then(
      value,
      (error: Problem) => error.code,
    );
    const started = performance.now();
    expect(value(await ask({ xpath: 'count(//f:cpu)' }))).to.equal(25);
    expect(performance.now() - started, 'ms a short question waits beside a long one').to.be.below(250);
    expect(await long).to.be.oneOf([109, 'query-over-budget']);
  });

  describe('for a caller that operates in some scopes', () => {
    const inA: Caller = { principal: 'a', scopes: ['/a'] };

    it('shows the resources of these, and of their scopes only these', async () => {
      expect(value(await ask({ xpath: 'count(/r:resource)' }, inA))).to.equal(17);
      expect(value(await ask({ xpath: 'count(//r:scope)' }, inA))).to.equal(17);
      expect(value(await ask({ xpath: "count(//r:scope[. = '/b'])" }, inA))).to.equal(0);
      expect(await values(await ask({ xpath: "/r:resource[@id='n3']" }, inA))).to.deep.equal([
        resourceXml('n3', { cpu: '3', scopes: ['/a'] }),
      ]);
    });

    it('has nothing by the id of another', async () => {
      expect(test.directory.get(inA, 'n2')).to.equal(undefined);
      expect(value(await ask({ xpath: "count(id('n2'))" }, inA))).to.equal(0);
      expect(value(await ask({ xpath: "count(id('n3'))" }, inA))).to.equal(1);
    });

    it('gives each caller the entity tag of what it sees', () => {
      expect(test.directory.get(inA, 'n3')?.etag).to.not.equal(test.directory.get(OPEN_CALLER, 'n3')?.etag);
      expect(test.directory.get(inA, 'n1')?.etag).to.equal(test.directory.get(OPEN_CALLER, 'n1')?.etag);
    });
  });
});
