// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references as a keeper's file has them
import { hostname } from 'node:os';
import { expect } from 'chai';
import { ConfigFault, fill, fillAll, readConfig } from '../../src/keeper/config/index.js';

const GOOD = `name: site-\${node:hostname}
directory: { url: http://127.0.0.1:8080, token: '\${env:FACETRY_TOKEN}' }
scopes: [/infra]
schedule: '*/5 * * * *'
delegates: { folders: [./delegates, /opt/delegates] }
env: [FACETRY_TOKEN, REGION]
leave: withdraw
resources:
  - id: host-\${node:hostname}
    name: n1
    facets:
      - { delegate: host, critical: required, ttl: 2m }
      - delegate: disks
        schedule: { every: 30s, jitter: 500ms, on-change: ./disks }
        critical: keep-last-good
        max-age: 1h
        config: { region: '\${env:REGION}', password: '\${file:secret.txt}' }
  - id: c-\${row:id}
    for-each: { delegate: containers }
    facets: [{ delegate: '*' }]
`;

describe("a keeper's file", () => {
  it('is read with its units, defaults and places', () => {
    const config = readConfig('/etc/k/keeper.yaml', GOOD);
    expect(config.name).to.equal(`site-${hostname()}`);
    expect(config.directory).to.deep.equal({ url: 'http://127.0.0.1:8080', token: { env: 'FACETRY_TOKEN' } });
    expect(config.delegates.folders).to.deep.equal(['/etc/k/delegates', '/opt/delegates']);
    expect(config.schedule).to.deep.equal({ cron: '*/5 * * * *', jitterMs: 0 });
    expect(config.leave).to.equal('withdraw');
    expect(config.digest).to.match(/^[0-9a-f]{64}$/);
    const [first, second] = config.resources;
    const [host, disks] = first?.facets ?? [];
    expect(host).to.deep.include({ ttl: 120, critical: 'required', timeoutMs: 10_000, place: { file: '/etc/k/keeper.yaml', line: 12 } });
    expect(disks?.schedule).to.deep.equal({ everyMs: 30_000, jitterMs: 500, onChange: ['/etc/k/disks'] });
    // three runs missed, but not less than a minute and a half
    expect(disks).to.deep.include({ ttl: 92, maxAgeMs: 3_600_000, critical: 'keep-last-good' });
    expect(second?.facets[0]?.ttl).to.equal(900);
    expect(second?.forEach).to.deep.equal({ delegate: 'containers', config: {}, timeoutMs: 10_000 });
  });

  const faults: readonly (readonly [what: string, from: string, to: string, place: string, message: RegExp, hint?: RegExp])[] = [
    ['an unknown key', 'leave:', 'leaves:', '7:1', /there is no key "leaves"/, /did you mean "leave"\?/],
    ['an unknown key of a facet', 'max-age: 1h', 'maxage: 1h', '16:9', /there is no key "maxage"/, /did you mean "max-age"\?/],
    ['a time without a unit', '30s', '30', '14:21', /must be a time such as 500ms, 30s/],
    ['a cron expression that is none', '*/5 * * * *', '*/5 * * *', '4:1', /is no cron expression: expected 5 or 6 fields/],
    ['a scope that is none', '[/infra]', '[infra]', '3:10', /must be a scope such as \/infra/],
    ['a wrong word', 'leave: withdraw', 'leave: vanish', '7:1', /must be withdraw, expire or stay/],
    ['a missing name', 'name: site-${node:hostname}\n', '', '1:1', /"name" is required/],
    ['max-age without keep-last-good', 'critical: keep-last-good', 'critical: optional', '16:9', /keep-last-good only/],
    ['a secret in the file', "'${env:FACETRY_TOKEN}' }", 'abc123 }', '2:42', /a secret that stands in the file/, /\$\{env:NAME\}/],
    ['a secret in a configuration', "'${file:secret.txt}'", 'hunter2', '17:44', /"resources.0.facets.1.config.password" is a secret/],
    [
      'a variable that is not allowed',
      'env: [FACETRY_TOKEN, REGION]',
      'env: [FACETRY_TOKEN]',
      '17:19',
      /not on the list "env"/,
      /add it there/,
    ],
    ['an unknown fact of the node', 'host-${node:hostname}', 'host-${node:hostnme}', '9:5', /no such fact of the node/, /"hostname"/],
    ['a row without for-each', 'host-${node:hostname}', 'host-${row:id}', '9:5', /with "for-each" only/],
    ['a file in what is published', 'name: n1', 'name: ${file:secret.txt}', '10:5', /"config" and "directory" only/],
    ['an unknown reference', 'name: n1', 'name: ${nodes:hostname}', '10:5', /no such reference/, /\$\{node:hostname\}/],
    ['YAML that is none', 'resources:\n', 'resources: [\n', '9:15', /./],
    ['a run each tenth of a second', 'every: 30s', 'every: 100ms', '14:21', /must be at least 1s/],
  ];
  for (const [what, from, to, place, message, hint] of faults) {
    it(`is refused for ${what}, at its place`, () => {
      expect(GOOD).to.include(from);
      const fault = faultOf(GOOD.replace(from, () => to));
      const [first] = fault.violations;
      expect(first?.message).to.match(message);
      expect(`${first?.line}:${first?.column}`).to.equal(place);
      if (hint !== undefined) expect(first?.hint).to.match(hint);
    });
  }

  it('tells everything that is wrong at once', () => {
    const text = GOOD.replace('leave: withdraw', 'leave: vanish').replace('scopes:', 'scope:').replace('every: 30s', 'every: soon');
    expect(faultOf(text).violations.map(({ line }) => line)).to.have.members([1, 3, 7, 14]);
  });

  it('never shows a secret in what it says of it', () => {
    const text = GOOD.replace("'${file:secret.txt}'", 'hunter2').replace("'${env:FACETRY_TOKEN}' }", 'abc123 }');
    const { message, violations } = faultOf(text);
    expect(JSON.stringify([message, violations])).not.to.match(/hunter2|abc123/);
  });
});

describe('references', () => {
  it('are filled in; what is nothing but one keeps its type', () => {
    const row = { id: 'a1', port: 80, up: true };
    expect(fill('c-${row:id}:${row:port}', { env: [], row })).to.equal('c-a1:80');
    expect(fillAll({ port: '${row:port}', deep: [{ up: '${row:up}' }], url: 'http://${row:id}' }, { env: [], row })).to.deep.equal({
      port: 80,
      deep: [{ up: true }],
      url: 'http://a1',
    });
  });

  it('that lead nowhere say which', () => {
    expect(() => fill('${row:name}', { env: [], row: { id: 'a1' } })).to.throw('${row:name}: the row has no "name"');
    process.env.FACETRY_TEST_FORBIDDEN = 'secret';
    expect(() => fill('${env:FACETRY_TEST_FORBIDDEN}', { env: [] })).to.throw(/the variable is not set/);
    expect(() => fillAll({ a: '${file:/nowhere}' }, { env: [], folder: (path) => path })).to.throw(/ENOENT/);
  });
});

function faultOf(text: string): ConfigFault {
  try {
    readConfig('/etc/k/keeper.yaml', text);
  } catch (error) {
    if (error instanceof ConfigFault) return error;
    throw error;
  }
  throw new Error('it was not refused');
}
