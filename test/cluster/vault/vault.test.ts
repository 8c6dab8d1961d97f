import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeMasterKey, masterKey, openVault, readMasterKey } from '../../../src/cluster/vault/index.js';

const SECRET = 'correct horse battery staple';
const NAME = { id: 'credential/ada', owner: 'ada@example.org', site: 'sample-site' };
const FIRST = masterKey('01'.repeat(32), 'a test');
const SECOND = masterKey('02'.repeat(32), 'a test');

describe('The vault', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'facetry-vault-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const onlyFile = () => join(folder, readdirSync(folder)[0] as string);

  it('gives back what was put, also after it was opened anew, and writes nothing in clear', () => {
    openVault(folder, FIRST).put(NAME, SECRET);
    expect(openVault(folder, FIRST).get(NAME)).to.equal(SECRET);
    expect(openVault(folder, FIRST).list()).to.deep.equal([NAME]);
    expect(readFileSync(onlyFile(), 'utf8')).to.not.include(SECRET).and.not.include(Buffer.from(SECRET).toString('base64'));
    expect(statSync(onlyFile()).mode & 0o777).to.equal(0o600);
  });

  it('has nothing for another owner or another site, and nothing once removed', () => {
    const vault = openVault(folder, FIRST);
    vault.put(NAME, SECRET);
    expect(vault.get({ ...NAME, owner: 'eve@example.org' })).to.equal(undefined);
    expect(vault.get({ ...NAME, site: 'other-site' })).to.equal(undefined);
    vault.remove(NAME.id);
    expect(vault.get(NAME)).to.equal(undefined);
    expect(vault.list()).to.deep.equal([]);
  });

  it('says that the key is another one, without a word of the keys', () => {
    openVault(folder, FIRST).put(NAME, SECRET);
    expect(() => openVault(folder, SECOND).get(NAME)).to.throw(/was sealed with another master key/);
    expect(() => openVault(folder, SECOND).rotate()).to.throw(/was sealed with another master key/);
  });

  it('notices every changed byte', () => {
    const vault = openVault(folder, FIRST);
    vault.put(NAME, SECRET);
    const path = onlyFile();
    const sound = readFileSync(path);
    for (let at = 0; at < sound.length; at++) {
      const bytes = Buffer.from(sound);
      bytes[at] = (bytes[at] as number) ^ 1;
      writeFileSync(path, bytes);
      let got: string | undefined;
      try {
        got = vault.get(NAME);
      } catch (error) {
        expect((error as { code?: string }).code).to.equal('corrupt-store');
        expect(String(error)).to.not.include(SECRET);
      }
      // A byte of base64 padding carries no bits: what comes back then is still the secret.
      expect(got, `byte ${at}`).to.be.oneOf([undefined, SECRET]);
    }
  });

  it('does not open a record under the owner of another one', () => {
    const vault = openVault(folder, FIRST);
    vault.put(NAME, SECRET);
    const eve = { ...NAME, owner: 'eve@example.org' };
    writeFileSync(onlyFile(), readFileSync(onlyFile(), 'utf8').replace(NAME.owner, eve.owner));
    expect(() => vault.get(eve)).to.throw(/was changed since it was sealed/);
  });

  it('rotates to a new master key, goes on where it was stopped, and then needs the new one alone', () => {
    const names = ['a', 'b', 'c'].map((id) => ({ ...NAME, id }));
    const former = openVault(folder, FIRST);
    for (const name of names) former.put(name, `${SECRET} ${name.id}`);
    const between = openVault(folder, SECOND, [FIRST]);
    between.put(names[1] as typeof NAME, `${SECRET} b`);
    expect(between.rotate()).to.equal(2);
    expect(between.rotate()).to.equal(0);
    const after = openVault(folder, SECOND);
    for (const name of names) expect(after.get(name)).to.equal(`${SECRET} ${name.id}`);
    expect(() => openVault(folder, FIRST).get(names[0] as typeof NAME)).to.throw(/another master key/);
  });

  it('keeps its master key in a file that only its owner may read, and never makes one over another', () => {
    const path = join(folder, 'master.key');
    const made = makeMasterKey(path);
    expect(readMasterKey(path)).to.deep.equal(made);
    expect(() => makeMasterKey(path)).to.throw(/EEXIST/);
    chmodSync(path, 0o644);
    expect(() => readMasterKey(path)).to.throw(/chmod 600|may read/);
    expect(() => masterKey('short', 'FACETRY_VAULT_KEY')).to.throw(/FACETRY_VAULT_KEY is not 64 hexadecimal digits/);
  });
});
