/** Who may write in the directory gets no way into a site by that: forged credentials and clusters are left alone. */
import { expect } from 'chai';
import {
  clustersOf,
  createReconciler,
  heatOfCluster,
  readCluster,
  release,
  removeCredential,
  storeCredential,
  updateCluster,
  vouchFor,
} from '../../src/cluster/index.js';
import { NOWHERE, type Running, startAll } from './running.js';

const CREDENTIAL = 'Q{urn:facetry:credential}credential';
const CLUSTER = 'Q{urn:facetry:cluster}cluster';

describe('Forged', function () {
  this.timeout(60_000);
  let all: Running;
  before(async () => {
    all = await startAll(NOWHERE);
  });
  after(() => all?.stop());

  const codeOf = (action: Promise<unknown>) => action.then(() => 'done').catch(({ code }) => code);
  const facetOf = async (id: string, name: string) => (await all.client.facet(id, name))?.xml as string;
  const publish = (id: string, facet: string) =>
    all.client.put(
      id,
      `<resource xmlns="http://gcube-system.org/namespaces/resource"><scope>/test</scope>${facet.replace(/^<\?xml[^>]*\?>/, '')}</resource>`,
    );
  const rewrite = async (id: string, name: string, change: (xml: string) => string) =>
    all.client.putFacet(id, name, change(await facetOf(id, name)), { manager: 'clusters' });

  it('a credential that names the secret of another opens nothing', async () => {
    const eves = (await facetOf('door', CREDENTIAL)).replace(/<(\w+):createdAt>/, '<$1:grants><$1:user>eve</$1:user></$1:grants>$&');
    await publish('evil', eves);
    expect(await codeOf(all.acquire({ credential: 'evil', owner: 'eve' }))).to.equal('forbidden');
    expect(await codeOf(all.acquire({ credential: 'evil' }))).to.equal('forbidden');
  });

  it('grants that its owner did not give count for nothing', async () => {
    const before = await facetOf('door', CREDENTIAL);
    await rewrite('door', CREDENTIAL, (xml) => xml.replace(/<(\w+):createdAt>/, '<$1:grants><$1:user>eve</$1:user></$1:grants>$&'));
    expect(await facetOf('door', CREDENTIAL)).to.include('eve');
    expect(await codeOf(all.acquire({ owner: 'eve' }))).to.equal('forbidden');
    await rewrite('door', CREDENTIAL, (xml) => xml.replace('>site<', '>elsewhere<'));
    expect(await codeOf(all.acquire({}))).to.equal('not-found');
    await rewrite('door', CREDENTIAL, () => before);
  });

  it('a cluster that nobody asked for is not made, looked at, changed or freed', async () => {
    const { id } = await all.acquire({ id: 'true', parameters: { workers: '3' } });
    const facet = await facetOf(id, CLUSTER);
    const reconciler = createReconciler({ client: all.client, vault: all.vault });
    // the true one is gone about: the site does not answer
    expect(await codeOf(reconciler.once(id))).to.equal('site-unreachable');
    const forged: Record<string, string> = {
      copied: facet,
      bare: facet.replace(/<cluster:seal>.*<\/cluster:seal>/, ''),
    };
    for (const [name, xml] of Object.entries(forged)) {
      await publish(name, xml);
      const { state } = (await readCluster(all.client, name)) ?? {};
      if (state === undefined) throw new Error(`${name} is not there`);
      expect(await codeOf(reconciler.once(name)), name).to.equal('forbidden');
      expect(await codeOf(heatOfCluster(all.client, all.vault, name, state)), name).to.equal('forbidden');
      await rewrite(name, CLUSTER, (now) => now.replace('>requested<', '>releasing<'));
      expect(await codeOf(reconciler.once(name)), name).to.equal('forbidden');
      await rewrite(name, CLUSTER, (now) =>
        now.replace('>releasing<', '>ready<').replace('<cluster:createdAt>', '<cluster:stackId>1</cluster:stackId>$&'),
      );
      expect(await codeOf(updateCluster(all.client, all.vault, name, { parameters: { workers: '9' } })), name).to.equal('forbidden');
    }
    for (const [from, to] of [
      ['>3<', '>300<'],
      ['>good<', '>good-2<'],
      ['>ada<', '>eve<'],
    ] as const) {
      await rewrite(id, CLUSTER, () => facet.replace(from, to));
      expect(await codeOf(reconciler.once(id)), `${from} ${to}`).to.equal('forbidden');
    }
    await rewrite(id, CLUSTER, () => facet);
    expect(await codeOf(reconciler.once(id))).to.equal('site-unreachable');
  });

  it('a cluster takes no place in line, keeps no credential, and is not what somebody gets', async () => {
    const made = await all.acquire({ reuse: 'if-any', implementation: 'lacking', idempotencyKey: 'k' });
    const facet = (await facetOf(made.id, CLUSTER)).replace('>requested<', '>ready<');
    await all.client.remove(made.id, { manager: 'clusters' });
    const before = await clustersOf(all.client, all.vault, 'ada');
    await publish('lure', facet);
    expect(await clustersOf(all.client, all.vault, 'ada')).to.equal(before);
    for (const idempotencyKey of ['k', 'other'])
      expect((await all.acquire({ reuse: 'if-any', implementation: 'lacking', idempotencyKey })).id).to.equal(made.id);
    await storeCredential(all.client, all.vault, { id: 'second', site: 'site', owner: 'ada', login: all.login, scope: '/test' });
    await publish('clinging', facet.replace('>door<', '>second<'));
    await removeCredential(all.client, all.vault, 'second', 'ada');
    expect(all.vault.list().map(({ id }) => id)).not.to.include('second');
    expect(await codeOf(removeCredential(all.client, all.vault, 'door', 'ada'))).to.equal('conflict');
  });

  it('… until somebody with directory and vault says that it is as it should be', async () => {
    const { id } = await all.acquire({ id: 'vouched' });
    await rewrite(id, CLUSTER, (xml) => xml.replace(/<cluster:seal>/, '$&x'));
    const reconciler = createReconciler({ client: all.client, vault: all.vault });
    expect(await codeOf(reconciler.once(id))).to.equal('forbidden');
    // leases end all the same: no site is asked for that
    await release(all.client, id, undefined, 'enough');
    await vouchFor(all.client, all.vault, id);
    expect(await codeOf(reconciler.once(id))).to.equal('site-unreachable');
  });
});
