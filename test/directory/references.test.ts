import { expect } from 'chai';
import { checkDirectory, OPEN_CALLER } from '../../src/directory/index.js';
import { bytes, openTestDirectory, type TestDirectory } from './open-test-directory.js';

/** element text of a facet → a resource with that facet */
const resource = (id: string, facet: string, inside: string) =>
  `<resource xmlns="http://gcube-system.org/namespaces/resource" xmlns:f="urn:facetry:${facet}" id="${id}"><scope>/t</scope><f:${facet}>${inside}</f:${facet}></resource>`;
const CLUSTER = '<f:implementationRef>heat</f:implementationRef><f:siteRef>gone</f:siteRef>';

describe('References', () => {
  let test: TestDirectory;
  beforeEach(async () => {
    test = await openTestDirectory();
  });
  afterEach(() => test.destroy());

  async function dangling(...documents: readonly string[]): Promise<string[]> {
    for (const document of documents) await test.directory.create(OPEN_CALLER, bytes(document));
    const found: string[] = [];
    for await (const { id, message, dangling: leadsNowhere } of checkDirectory(test.store, test.xml)) {
      expect(leadsNowhere).to.equal(true);
      found.push(`${id}: ${message}`);
    }
    return found;
  }

  it('that lead nowhere are found, wherever what they name was published', async () => {
    expect(
      await dangling(
        resource(
          'spark',
          'cluster',
          `${CLUSTER}<f:status>ready</f:status><f:credentialRef>door</f:credentialRef><f:vaultRef>v</f:vaultRef>`,
        ),
        resource(
          'heat',
          'implementation',
          '<f:applianceRef>none</f:applianceRef><f:siteRef>here</f:siteRef><f:siteRef>gone</f:siteRef><f:supersedes>old</f:supersedes><f:images><f:image><f:name>n</f:name><f:imageRef>debian</f:imageRef></f:image></f:images>',
        ),
        resource('door', 'credential', '<f:siteRef>here</f:siteRef><f:vaultRef>door</f:vaultRef>'),
        resource('here', 'site', '<f:name>here</f:name>'),
      ),
    ).to.deep.equal([
      'spark: f:cluster/f:siteRef refers to "gone", which is not there',
      'heat: f:implementation/f:applianceRef refers to "none", which is not there',
      'heat: f:implementation/f:siteRef refers to "gone", which is not there',
      'heat: f:implementation/f:supersedes refers to "old", which is not there',
      'heat: f:implementation/f:images/f:image/f:imageRef refers to "debian", which is not there',
    ]);
  });

  it('of a released cluster are history, and those of strangers are their own affair', async () => {
    expect(
      await dangling(
        resource('spark', 'cluster', `${CLUSTER}<f:status>released</f:status>`),
        resource('x', 'cluster', '<f:status>ready</f:status>')
          .replaceAll('urn:facetry:cluster', 'urn:other')
          .replace('<f:status>', '<f:siteRef>a</f:siteRef><f:status>'),
      ),
    ).to.deep.equal([]);
  });
});
