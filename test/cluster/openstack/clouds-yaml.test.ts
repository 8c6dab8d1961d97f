import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { findLogin } from '../../../src/cluster/index.js';

describe('findLogin', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'facetry-clouds-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const CLOUDS = `clouds:
  one:
    region_name: north
    auth: { auth_url: "https://one/v3", username: ada, project_name: p, user_domain_name: People, project_domain_id: d1 }
  two:
    auth_type: v3applicationcredential
    auth: { auth_url: "https://two/v3", application_credential_id: i, application_credential_secret: s }
`;
  const SECURE = 'clouds: { one: { auth: { password: hidden-word } } }\n';

  it('merges secure.yaml into clouds.yaml', () => {
    writeFileSync(join(folder, 'clouds.yaml'), CLOUDS);
    writeFileSync(join(folder, 'secure.yaml'), SECURE);
    expect(findLogin({ env: { OS_CLOUD: 'one' }, cwd: folder })).to.deep.equal({
      kind: 'v3password',
      authUrl: 'https://one/v3',
      region: 'north',
      username: 'ada',
      password: 'hidden-word',
      project: 'p',
      userDomain: { name: 'People' },
      projectDomain: { id: 'd1' },
    });
  });

  it('knows application credentials, and the file of the user where the folder has none', () => {
    mkdirSync(join(folder, 'xdg/openstack'), { recursive: true });
    writeFileSync(join(folder, 'xdg/openstack/clouds.yaml'), CLOUDS);
    expect(findLogin({ env: { XDG_CONFIG_HOME: join(folder, 'xdg') }, cwd: join(folder, 'nowhere'), name: 'two' })).to.deep.equal({
      kind: 'v3applicationcredential',
      authUrl: 'https://two/v3',
      id: 'i',
      secret: 's',
    });
  });

  it('reads the variables of an openrc file', () => {
    const env = { OS_AUTH_URL: 'https://x/v3', OS_USERNAME: 'ada', OS_PASSWORD: 'w', OS_PROJECT_NAME: 'p', OS_USER_DOMAIN_NAME: 'D' };
    expect(findLogin({ env, cwd: folder })).to.include({ kind: 'v3password', authUrl: 'https://x/v3', username: 'ada' });
  });

  it('says what is missing and where, and nothing of what is there', () => {
    writeFileSync(join(folder, 'clouds.yaml'), CLOUDS);
    writeFileSync(join(folder, 'broken.yaml'), 'clouds: { one: { auth: { password: hidden-word } }');
    const said = (given: Parameters<typeof findLogin>[0]) => {
      try {
        findLogin(given);
      } catch (error) {
        return (error as Error).message;
      }
      return expect.fail('should have been refused');
    };
    expect(said({ env: {}, cwd: folder })).to.match(/no OS_\* variables/);
    expect(said({ env: {}, cwd: folder, name: 'one' })).to.match(/cloud one of .*clouds\.yaml: the login lacks password/);
    expect(said({ env: {}, cwd: folder, name: 'three' })).to.match(/no cloud "three"/);
    expect(said({ env: { OS_CLIENT_CONFIG_FILE: join(folder, 'broken.yaml') }, cwd: folder, name: 'one' })).to.match(/is not YAML$/);
  });
});
