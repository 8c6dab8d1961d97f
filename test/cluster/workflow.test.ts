/** The whole way by the command line, as a new user goes it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { stringify } from 'yaml';
import { type Facetry, startFacetry } from '../servers/facetry.js';
import { skipWhen } from '../servers/installed.js';
import { ensureInstalled, type OpenStack } from '../servers/openstack/index.js';
import { sharedOpenStack } from '../servers/openstack/shared.js';
import { endWithParent, temporaryFolder } from '../servers/process.js';
import { type SeenProcesses, watchProcesses } from '../servers/seen-processes.js';
import { TEMPLATES } from './running.js';

const ROOT = resolve(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'src/cli/main.ts');
const TSX = import.meta.resolve('tsx');

describe('From an appliance to a running cluster', function () {
  this.timeout(240_000);
  let site: OpenStack;
  let server: Facetry;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let seen: SeenProcesses;

  before(async function () {
    this.timeout(900_000);
    skipWhen(this, await ensureInstalled());
    site = await sharedOpenStack();
    folder = await temporaryFolder('workflow');
    seen = watchProcesses(['heat-all', 'wsgi']);
    const vault = ['--vault', join(folder.path, 'vault'), '--vault-key', join(folder.path, 'vault.key')];
    server = await startFacetry({ data: join(folder.path, 'data'), args: ['--clusters', ...vault] });
    writeFileSync(join(folder.path, 'notebook.yaml'), TEMPLATES.good);
    writeFileSync(join(folder.path, 'broken.yaml'), TEMPLATES.failing);
    writeFileSync(join(folder.path, 'key'), 'a-key-nobody-sees\n');
    const { authUrl, user, password, project, region } = site;
    const auth = { auth_url: authUrl, username: user, project_name: project, user_domain_id: 'default' };
    writeFileSync(join(folder.path, 'clouds.yaml'), stringify({ clouds: { cnaf: { region_name: region, auth } } }));
    writeFileSync(join(folder.path, 'secure.yaml'), stringify({ clouds: { cnaf: { auth: { password } } } }));
  });
  after(async () => {
    seen?.stop();
    await server?.stop();
    await folder?.remove();
  });

  async function facetry(line: string): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
    const env = { ...process.env, USER: 'ada', FACETRY_URL: `http://127.0.0.1:${server.port}` };
    const child = spawn(process.execPath, ['--import', TSX, MAIN, ...line.split(' ')], { cwd: folder.path, env });
    endWithParent(child);
    const said = { out: '', err: '' };
    child.stdout.on('data', (chunk) => (said.out += chunk));
    child.stderr.on('data', (chunk) => (said.err += chunk));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, ...said };
  }

  async function fine(line: string): Promise<string> {
    const done = await facetry(line);
    expect(done.code, `${line}\n${done.err}`).to.equal(0);
    return done.out;
  }

  it('takes five commands', async () => {
    await fine(`site create cnaf --auth-url ${site.authUrl} --region RegionOne`);
    await fine('credential create cnaf-ada --site cnaf --cloud cnaf');
    await fine('appliance create notebook --declare-output master_ip');
    await fine('implementation create notebook-heat --appliance notebook --template notebook.yaml --secret-output admin_password');
    const made = await facetry(
      'cluster create spark-1 --implementation notebook-heat --credential cnaf-ada --parameter-file admin_key=key',
    );
    expect(made.code, made.err).to.equal(0);
    expect(made.err)
      .to.match(/CREATE_COMPLETE +slow/)
      .and.match(/spark-1 is ready/);
  });

  it('gives what was asked for', async () => {
    expect(JSON.parse(await fine('cluster outputs spark-1 -o json'))).to.include({ master_ip: '192.0.2.10' });
    expect(await fine('cluster outputs spark-1 --env')).to.include("export MASTER_IP='192.0.2.10'\n");
    expect(await fine('cluster secret spark-1 admin_password')).to.match(/^\w{24}\n$/);
    expect((await facetry('cluster secret spark-1 admin_password --owner eve')).code).to.equal(6);
    expect(await fine('cluster check spark-1')).to.match(/^spark-1: CHECK_COMPLETE/);
    await fine('cluster wait spark-1');
    expect(await fine("discover id(//cluster:cluster[cluster:status='ready']/cluster:implementationRef)/@id")).to.include('notebook-heat');
  });

  it('changes it while it runs', async () => {
    const plan = await facetry('cluster update spark-1 --parameter workers=5 --dry-run');
    expect([plan.code, plan.out], plan.err).to.deep.equal([0, 'spark-1 would be changed\n']);
    expect((await facetry('cluster update spark-1')).code).to.equal(2);
    expect((await facetry('cluster update spark-1 --parameter workers=many')).code).to.equal(1);
    expect(await fine('cluster update spark-1 --parameter workers=5')).to.equal('spark-1 is changed\n');
    expect(JSON.parse(await fine('cluster outputs spark-1 -o json')).workers).to.deep.equal(['5', '<&>']);
    expect(await fine('cluster update spark-1 --parameter workers=5')).to.equal('spark-1 is so already\n');
    expect(await fine('cluster events spark-1')).to.match(/UPDATE_COMPLETE +facetry-spark-1/);
    expect(await fine('credential grant cnaf-ada eve')).to.equal('cnaf-ada may be used by its owner and eve\n');
    expect(await fine('credential revoke cnaf-ada eve')).to.equal('cnaf-ada may be used by its owner\n');
    expect(await fine('cluster vouch spark-1')).to.equal('spark-1 is vouched for\n');
    const listed = await facetry('cluster list --quota 3');
    expect([listed.code, listed.err.trim(), /spark-1 +ready/.test(listed.out)]).to.deep.equal([0, 'ada has 1 of at most 3', true]);
  });

  it('uploads the files that a template draws on', async () => {
    const nested =
      'heat_template_version: 2018-08-31\nresources: { w: { type: OS::Heat::Value, properties: { value: { get_file: b.txt } } } }\n';
    mkdirSync(join(folder.path, 'nested/sub'), { recursive: true });
    writeFileSync(join(folder.path, 'nested/a.txt'), '  <hello> & ]]> good\u00a0bye\n\n');
    writeFileSync(join(folder.path, 'nested/sub/b.txt'), 'inner');
    writeFileSync(join(folder.path, 'nested/sub/inner.yaml'), `${nested}outputs: { o: { value: { get_attr: [w, value] } } }\n`);
    writeFileSync(
      join(folder.path, 'nested/main.yaml'),
      `heat_template_version: 2018-08-31
resources:
  n: { type: sub/inner.yaml }
  g: { type: OS::Heat::ResourceGroup, properties: { count: 2, resource_def: { type: sub/inner.yaml } } }
outputs:
  master_ip: { value: { get_file: a.txt } }
  inner: { value: { get_attr: [n, o] } }
`,
    );
    await fine('implementation create nested --appliance notebook --template nested/main.yaml');
    expect(await fine('cluster create nested-1 --implementation nested --credential cnaf-ada --dry-run')).not.to.include('WRONG');
    await fine('cluster create nested-1 --implementation nested --credential cnaf-ada');
    const outputs = JSON.parse(await fine('cluster outputs nested-1 -o json'));
    expect(outputs).to.deep.equal({ master_ip: '  <hello> & ]]> good\u00a0bye\n\n', inner: 'inner' });
    await fine('cluster release nested-1');
  });

  it('refuses what would end badly', async () => {
    const open = await facetry('cluster create spark-2 --implementation notebook-heat --credential cnaf-ada --parameter admin_key=x');
    expect([open.code, open.err.includes('--parameter-file')]).to.deep.equal([2, true]);
    expect((await facetry('credential remove cnaf-ada')).code).to.equal(4);
    expect((await facetry('cluster create spark-1 --implementation notebook-heat --credential cnaf-ada')).code).to.equal(4);
    await fine('implementation create broken --appliance notebook --template broken.yaml');
    const broken = await facetry('cluster create b --implementation broken --credential cnaf-ada --on-failure delete');
    expect([broken.code, broken.err.includes('resources.broken')]).to.deep.equal([4, true]);
    await fine('cluster release b');
  });

  it('frees it, and leaves neither stack nor secret behind', async () => {
    const password = (await fine('cluster secret spark-1 admin_password')).trim();
    expect(await fine('cluster release spark-1')).to.match(/spark-1 is released/);
    await fine('cluster sweep --credential cnaf-ada');
    const masterKey = readFileSync(join(folder.path, 'vault.key'), 'utf8').trim();
    const given = /\/(?:key|vault\.key|secure\.yaml)$/;
    for (const secret of [site.password, password, 'a-key-nobody-sees', masterKey]) {
      expect(filesWith(folder.path, secret).filter((path) => !given.test(path))).to.deep.equal([]);
      expect(server.output()).not.to.include(secret);
      expect(seen.holding(secret)).to.deep.equal([]);
    }
    // the look at processes does see what is there
    expect(seen.holding('cnaf-ada')).not.to.deep.equal([]);
    expect(seen.holding('variable FACETRY_URL=')).not.to.deep.equal([]);
    console.log(`      ${seen.count} processes looked at`);
    await fine('credential remove cnaf-ada');
  });
});

function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file))
    .filter((path) => statSync(path).isFile() && readFileSync(path).includes(text));
}
