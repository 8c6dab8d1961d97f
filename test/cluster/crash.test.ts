/** The process that keeps clusters is killed before and after each request it makes, until nothing is left to kill. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';
import { type ClusterState, createReconciler, outputValues, release, sweep, tagsOf, updateCluster } from '../../src/cluster/index.js';
import { skipWhen } from '../servers/installed.js';
import { ensureInstalled, type OpenStack, startOpenStack } from '../servers/openstack/index.js';
import { endWithParent } from '../servers/process.js';
import { type Running, startAll } from './running.js';

/** Which requests: those around asking for the stack and for its end; FACETRY_CRASHES=$(seq -s, 28) is all of them. */
const REQUESTS = (process.env.FACETRY_CRASHES ?? '7,15').split(',').map(Number);

describe('Clusters whose keeper is killed', function () {
  this.timeout(240_000);
  let site: OpenStack;
  let all: Running;

  before(async function () {
    this.timeout(900_000);
    skipWhen(this, await ensureInstalled());
    site = await startOpenStack();
    all = await startAll(site);
  });
  after(async () => {
    await all?.stop();
    await site?.stop();
  });

  /** Resolves true when it was killed by itself, false when it did not come that far. */
  async function crash(nth: number, when: string): Promise<boolean> {
    const program = ['--import', 'tsx', join(import.meta.dirname, 'crash-child.ts'), all.url, join(all.folder, 'vault'), all.keyFile];
    const child = spawn(process.execPath, [...program, String(nth), when], { stdio: 'ignore' });
    endWithParent(child);
    const timer = setTimeout(() => child.kill('SIGTERM'), 15_000);
    const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    clearTimeout(timer);
    return signal === 'SIGKILL';
  }

  /** A whole one finishes what they left. */
  async function finish(id: string, status: string): Promise<ClusterState> {
    const ended = new AbortController();
    const running = createReconciler({ client: all.client, vault: all.vault }).run(ended.signal);
    try {
      return await all.until(id, (state) => state.status === status, 60);
    } finally {
      ended.abort();
      await running;
    }
  }

  let crashes = 0;
  for (const nth of REQUESTS) {
    for (const when of ['before', 'after']) {
      it(`come to be once, change, and go, killed ${when} request ${nth}`, async () => {
        const { id } = await all.acquire({ id: `c-${nth}-${when}` });
        if (await crash(nth, when)) crashes++;
        await finish(id, 'ready');
        expect(await all.heat.list(tagsOf(id)), 'one stack').to.have.length(1);
        await updateCluster(all.client, all.vault, id, { parameters: { workers: String(100 + nth), admin_key: `secret of ${id}` } });
        if (await crash(nth, when)) crashes++;
        const changed = await finish(id, 'ready');
        expect(outputValues(changed)).to.deep.include({ workers: [String(100 + nth), '<&>'] });
        expect(changed).not.to.have.property('updateId');
        expect(await all.heat.list(tagsOf(id)), 'one stack').to.have.length(1);
        await release(all.client, id, undefined, 'tested');
        if (await crash(nth, when)) crashes++;
        await finish(id, 'released');
        expect(await all.heat.list(tagsOf(id)), 'no stack').to.have.length(0);
      });
    }
  }

  it('leave nothing behind: no stack, no secret', async () => {
    console.log(`      ${crashes} crashes`);
    expect(crashes).to.be.greaterThan(REQUESTS.length);
    expect(await sweep(all.client, all.vault, 'door')).to.deep.equal([]);
    expect(all.vault.list().map(({ id }) => id)).to.deep.equal(['door']);
  });
});
