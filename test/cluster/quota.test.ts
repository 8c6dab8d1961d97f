/** A quota holds however many ask at once, and whoever dies while asking. No site is asked for that. */
import { expect } from 'chai';
import type { Client } from '../../src/client/index.js';
import {
  acquire,
  changeGrants,
  clustersOf,
  createReconciler,
  findClusters,
  readCluster,
  release,
  updateCluster,
} from '../../src/cluster/index.js';
import { NOWHERE, type Running, startAll } from './running.js';

async function* nothing() {}

describe('The quota of clusters', function () {
  this.timeout(60_000);
  let all: Running;
  beforeEach(async () => {
    all = await startAll(NOWHERE);
  });
  afterEach(() => all?.stop());

  const secrets = () => all.vault.list().filter(({ id }) => id !== 'door').length;
  const clusters = async () => (await findClusters(all.client, 'cluster:status')).map(({ state }) => state);

  it('lets in three of twenty who ask at once, and nothing is left of the others', async () => {
    for (let round = 0; round < 2; round++) {
      const asked = Array.from({ length: 20 }, (_, k) =>
        all.acquire({ id: `many-${round}-${k}`, quota: 3, parameters: { admin_key: `secret of ${k}` } }),
      );
      const answers = await Promise.allSettled(asked);
      const refused = answers.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
      expect(refused.map(({ code }) => code)).to.deep.equal(Array(17).fill('quota-exceeded'));
      expect(refused[0].message).to.match(/^ada has \d+ clusters of at most 3$/);
      const live = (await clusters()).filter(({ status }) => status === 'requested');
      expect(live.map(({ quota }) => quota)).to.deep.equal([undefined, undefined, undefined]);
      expect(secrets()).to.equal(3 * (round + 1));
      for (const one of answers) if (one.status === 'fulfilled') await releaseNow(one.value.id);
    }
  });

  it('counts for each owner', async () => {
    await changeGrants(all.client, all.vault, 'door', () => ['eve']);
    const answers = await Promise.allSettled(
      Array.from({ length: 12 }, (_, k) => all.acquire({ owner: k % 2 === 0 ? 'ada' : 'eve', quota: 2 })),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).to.have.length(4);
    expect([await clustersOf(all.client, all.vault, 'ada'), await clustersOf(all.client, all.vault, 'eve')]).to.deep.equal([2, 2]);
  });

  it('lets many share what is one', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => all.acquire({ reuse: 'if-any', quota: 1 })));
    expect(new Set(answers.map(({ id }) => id))).to.have.property('size', 1);
    expect(answers.filter(({ outcome }) => outcome === 'created')).to.have.length(1);
    const other = await all.acquire({ reuse: 'if-any', quota: 1, parameters: { workers: '9' } }).catch((error) => error);
    expect(other.code).to.equal('quota-exceeded');
  });

  it('does not count what others made, and nobody frees or changes that', async () => {
    const facet =
      '<c:cluster xmlns:c="urn:facetry:cluster"><c:implementationRef>good</c:implementationRef><c:siteRef>site</c:siteRef><c:owner>ada</c:owner><c:status>ready</c:status><c:stackName>theirs</c:stackName><c:stackId>1</c:stackId></c:cluster>';
    await all.client.put('theirs', `<resource xmlns="http://gcube-system.org/namespaces/resource"><scope>/test</scope>${facet}</resource>`);
    expect(await clustersOf(all.client, all.vault, 'ada')).to.equal(0);
    const refused = (action: Promise<unknown>) => action.then(() => 'done').catch(({ code }) => code);
    expect(await refused(release(all.client, 'theirs', undefined, 'mine'))).to.equal('conflict');
    expect(await refused(updateCluster(all.client, all.vault, 'theirs', { parameters: { workers: '1' } }))).to.equal('conflict');
    await createReconciler({ client: all.client, vault: all.vault }).once('theirs');
    expect((await readCluster(all.client, 'theirs'))?.state).to.include({ status: 'ready' });
    expect((await all.acquire({ reuse: 'if-any' })).outcome).to.equal('created');
  });

  /** Dies after the cluster was written down, before it was decided whether it is let in. */
  async function dying(id: string, quota: number, idempotencyKey: string): Promise<void> {
    let dead = false;
    const put: Client['put'] = async (...given) => {
      const done = await all.client.put(...given);
      dead = true;
      return done;
    };
    const facet: Client['facet'] = (...given) => (dead ? Promise.reject(new Error('died')) : all.client.facet(...given));
    const request = { implementation: 'good', credential: 'door', owner: 'ada', id, quota, idempotencyKey, parameters: { admin_key: 'x' } };
    const error = await acquire({ ...all.client, put, facet }, all.vault, request).catch((died) => died);
    expect(error.message).to.equal('died');
    expect((await readCluster(all.client, id))?.state.quota).to.equal(quota);
  }

  it('is decided by whoever keeps clusters when the one who asked is dead', async () => {
    const reconciler = createReconciler({ client: all.client, vault: all.vault });
    await dying('in', 1, 'a');
    await reconciler.once('in');
    expect((await readCluster(all.client, 'in'))?.state)
      .to.include({ status: 'requested' })
      .and.not.have.property('quota');
    await releaseNow('in');
    await dying('out', 1, 'b');
    await all.acquire({ id: 'late' });
    await releaseNow('late');
    // what was there first decides, so this one is in although another came and went
    await reconciler.once('out');
    expect(await readCluster(all.client, 'out')).not.to.equal(undefined);
  });

  it('is decided when the one who asked asks again, and takes the secrets away with the cluster', async () => {
    await all.acquire({ id: 'first' });
    await dying('second', 2, 'k');
    const again = await all.acquire({ id: 'second', quota: 2, idempotencyKey: 'k', parameters: { admin_key: 'x' } });
    expect(again).to.include({ id: 'second', outcome: 'reused' });
    await releaseNow('second');
    // two wait for one place: the one that came later is taken away
    await dying('waiting', 2, 'w');
    const before = secrets();
    // it looked before the others came
    let looked = false;
    const discover: Client['discover'] = (xpath, options) => {
      const early = !looked && xpath.includes('cluster:owner = $owner');
      looked ||= early;
      return early ? nothing() : all.client.discover(xpath, options);
    };
    const request = { implementation: 'good', credential: 'door', owner: 'ada', id: 'third', quota: 2, parameters: { admin_key: 'x' } };
    const error = await acquire({ ...all.client, discover }, all.vault, request).catch((refused) => refused);
    expect(error.code).to.equal('quota-exceeded');
    expect(await readCluster(all.client, 'third')).to.equal(undefined);
    expect(secrets()).to.equal(before);
  });

  async function releaseNow(id: string): Promise<void> {
    await release(all.client, id, undefined, 'enough');
    const xml = (await all.client.facet(id, 'Q{urn:facetry:cluster}cluster'))?.xml as string;
    await all.client.putFacet(id, 'Q{urn:facetry:cluster}cluster', xml.replace('>releasing<', '>released<'), { manager: 'clusters' });
  }
});
