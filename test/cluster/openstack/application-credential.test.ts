/** Two sites at once: one lets application credentials make trusts, the other does not, as Debian's Keystone since 2026. */
import { expect } from 'chai';
import { acquire, findLogin, heatOf, keepCredential, type Login, openCloud, preflight } from '../../../src/cluster/index.js';
import { skipWhen } from '../../servers/installed.js';
import { ensureInstalled, type OpenStack, startOpenStack } from '../../servers/openstack/index.js';
import { type Running, startAll } from '../running.js';

describe('Application credentials', function () {
  this.timeout(240_000);
  let [open, strict]: [OpenStack?, OpenStack?] = [];
  let all: Running | undefined;

  before(async function () {
    this.timeout(900_000);
    skipWhen(this, await ensureInstalled());
    [open, strict] = await Promise.all([startOpenStack(), startOpenStack({ applicationCredentialTrusts: false })]);
    all = await startAll(open);
  });
  after(async () => {
    await all?.stop();
    await Promise.all([open?.stop(), strict?.stop()]);
  });

  const stack = (name: string) => ({
    name,
    template: 'heat_template_version: 2018-08-31\nresources: {}\n',
    parameters: {},
    tags: ['facetry-test'],
  });

  it('make stacks where the site lets them', async () => {
    const heat = heatOf(openCloud(await makeOne(open as OpenStack)));
    const made = await heat.create(stack('mine'));
    expect((await heat.list(['facetry-test'])).map(({ id }) => id)).to.deep.equal([made.id]);
    await heat.remove(made);
  });

  it('are refused in words where it does not, and found out before anything is made', async () => {
    const login = await makeOne(strict as OpenStack);
    const error = await heatOf(openCloud(login))
      .create(stack('mine'))
      .catch((refused) => refused);
    expect(error).to.include({ code: 'site-refused', site: 403 });
    expect(error.message).to.match(/does not let this application credential make a trust/);
    const { client, vault } = all as Running;
    keepCredential(vault, { id: 'door', owner: 'ada', site: 'site' }, login, []);
    const findings = await preflight(client, vault, { implementation: 'good', credential: 'door', owner: 'ada' });
    expect(findings.filter(({ ok }) => !ok).map(({ what }) => what)).to.deep.equal(['trust']);
    expect(findings.find(({ what }) => what === 'preview')?.ok).to.equal(true);
    const got = await acquire(client, vault, { implementation: 'good', credential: 'door', owner: 'ada', id: 'untrusted' });
    expect(got.outcome).to.equal('created');
  });
});

async function makeOne(site: OpenStack): Promise<Login> {
  const { authUrl, user, password, project } = site;
  const domain = { id: 'default' };
  const auth = {
    identity: { methods: ['password'], password: { user: { name: user, domain, password } } },
    scope: { project: { name: project, domain } },
  };
  const post = (path: string, body: unknown, token = '') =>
    fetch(authUrl + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Auth-Token': token },
      body: JSON.stringify(body),
    });
  const answer = await post('/auth/tokens', { auth });
  const token = answer.headers.get('x-subject-token') as string;
  const { token: about } = (await answer.json()) as { token: { user: { id: string } } };
  const made = await post(`/users/${about.user.id}/application_credentials`, { application_credential: { name: 'facetry' } }, token);
  const { application_credential: one } = (await made.json()) as { application_credential: { id: string; secret: string } };
  return findLogin({
    env: {
      OS_AUTH_URL: authUrl,
      OS_REGION_NAME: site.region,
      OS_APPLICATION_CREDENTIAL_ID: one.id,
      OS_APPLICATION_CREDENTIAL_SECRET: one.secret,
    },
    cwd: '/nonexistent',
  });
}
