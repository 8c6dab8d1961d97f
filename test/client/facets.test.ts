import { expect } from 'chai';
import { facetValue, list, readResource } from '../../src/client/index.js';

const XML = `<resource xmlns="http://gcube-system.org/namespaces/resource" xmlns:h="urn:facetry:host" xmlns:x="urn:x" id="n-1">
  <name>node</name><description>what it is</description><scope>/a</scope><scope>/b</scope>
  <h:host><h:hostname>n1</h:hostname><h:address>1</h:address><h:address>2</h:address><h:cpu><h:cores>64</h:cores></h:cpu><x:seen>now</x:seen><h:empty/></h:host>
  <x:host>plain</x:host><x:label><![CDATA[a < b]]></x:label>
</resource>`;

describe('A resource as an object', () => {
  const resource = readResource(XML);

  it('has its properties', () => {
    expect(resource).to.include({ id: 'n-1', name: 'node', description: 'what it is' });
    expect(resource.scopes).to.deep.equal(['/a', '/b']);
    expect(resource.facets.map(({ name }) => name)).to.deep.equal([
      { ns: 'urn:facetry:host', local: 'host' },
      { ns: 'urn:x', local: 'host' },
      { ns: 'urn:x', local: 'label' },
    ]);
  });

  it('has facets as plain data', () => {
    expect(resource.facet('Q{urn:facetry:host}host')?.value).to.deep.equal({
      hostname: 'n1',
      address: ['1', '2'],
      cpu: { cores: '64' },
      'Q{urn:x}seen': 'now',
      empty: '',
    });
    expect(resource.facet({ ns: 'urn:x', local: 'host' })?.value).to.equal('plain');
    expect(resource.facet('label')?.value).to.equal('a < b');
    expect(resource.facet('nothing')).to.equal(undefined);
    expect(() => resource.facet('host')).to.throw('several facets are called "host"');
  });

  it('is asked by XPath', () => {
    const ns = { h: 'urn:facetry:host' };
    expect(resource.select('string(//h:cores)', ns)).to.equal('64');
    expect(resource.select('count(/r:resource/r:scope)')).to.equal(2);
    expect(resource.select('//h:address', ns)).to.have.length(2);
    const [cpu] = resource.select('//h:cpu', ns) as [Parameters<typeof facetValue>[0]];
    expect(facetValue(cpu)).to.deep.equal({ cores: '64' });
  });

  it('makes lists of what may stand alone', () => {
    expect([list(undefined), list('a'), list(['a', 'b'])]).to.deep.equal([[], ['a'], ['a', 'b']]);
  });

  it('refuses what is no resource', () => {
    expect(() => readResource('<a/>')).to.throw('no resource');
    expect(() => readResource('<a>')).to.throw();
  });
});
