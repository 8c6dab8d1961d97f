import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Configuration, configure, type Flags } from '../../src/cli/config/configuration.js';
import { SETTING_NAMES, SETTINGS, variableOf } from '../../src/cli/config/settings.js';
import type { UsageError } from '../../src/cli/exit-code.js';
import { FileError } from '../../src/cli/output/file-error.js';

describe('The configuration', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'facetry-config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (name: string, text: string) => {
    const path = join(folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
    return path;
  };
  const configured = (flags: Flags = {}, env: Record<string, string> = {}): Configuration =>
    configure(flags, { env: { XDG_CONFIG_HOME: join(folder, 'xdg'), ...env }, cwd: folder, systemFile: join(folder, 'etc/config.yaml') });
  const refused = (...given: Parameters<typeof configured>): FileError & UsageError => {
    try {
      configured(...given);
    } catch (error) {
      return error as FileError & UsageError;
    }
    return expect.fail('should have been refused');
  };

  it('takes the first that says something: flag, variable, project, user, system, default', () => {
    const layers = [
      { origin: 'default', url: 'http://127.0.0.1:8080', add: () => {} },
      { origin: join(folder, 'etc/config.yaml:1'), url: 'http://system', add: () => write('etc/config.yaml', 'url: http://system') },
      {
        origin: join(folder, 'xdg/facetry/config.yaml:2'),
        url: 'http://user',
        add: () => write('xdg/facetry/config.yaml', '# mine\nurl: http://user'),
      },
      { origin: join(folder, 'facetry.yaml:1'), url: 'http://project', add: () => write('facetry.yaml', 'url: http://project') },
    ];
    for (const { add, url, origin } of layers) {
      add();
      const found = configured();
      expect([found.settings.url, found.origins.url]).to.deep.equal([url, origin]);
    }
    const env = { FACETRY_URL: 'http://variable' };
    expect(configured({}, env)).to.have.nested.property('origins.url', 'FACETRY_URL');
    const found = configured({ url: 'http://flag' }, env);
    expect([found.settings.url, found.origins.url]).to.deep.equal(['http://flag', 'flag --url']);
  });

  it('has contexts, chosen by flag, variable or file', () => {
    write(
      'xdg/facetry/config.yaml',
      'context: home\ncontexts:\n  home:\n    url: http://home\n  work:\n    url: http://work\n    output: json\n',
    );
    expect(configured().settings.url).to.equal('http://home');
    expect(configured({}, { FACETRY_CONTEXT: 'work' }).settings).to.include({ url: 'http://work', output: 'json' });
    const byFlag = configured({ context: 'work' }, { FACETRY_CONTEXT: 'home' });
    expect([byFlag.settings.url, byFlag.context]).to.deep.equal(['http://work', 'work']);
    expect(refused({ context: 'wrok' })).to.include({ message: 'there is no context "wrok"', hint: 'did you mean "work"?' });
  });

  it('lets every setting be a flag, a variable and a key of that one name', () => {
    const samples: Record<string, string> = {
      url: 'http://x',
      output: 'json',
      color: 'never',
      store: 'embedded:x',
      listen: '127.0.0.1:1',
      facets: 'x',
      'log-format': 'json',
      'log-level': 'warn',
      'token-file': 'x',
      scope: '/a',
      'self-scope': '/a',
      clusters: 'true',
      'plain-sites': 'http://127.0.0.1:5000',
      'check-interval': '60',
      vault: 'x',
      'vault-key': 'x',
      auth: 'tokens:x',
      'read-rule': 'inherit',
      audit: 'x',
      'rate-limit': '5/s',
      'when-basex-away': 'journal',
      'basex-password-file': 'x',
      journal: 'x',
      state: 'x',
      metrics: '127.0.0.1:1',
    };
    for (const name of SETTING_NAMES) {
      const text = samples[name] ?? ('value' in SETTINGS[name] ? '7' : 'true');
      const camel = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
      const value = configured({ [camel]: text }).settings[name];
      expect(value, name).not.to.equal(undefined);
      expect(configured({}, { [variableOf(name)]: text }).settings[name], variableOf(name)).to.deep.equal(value);
      write('facetry.yaml', `${name}: ${text}\n`);
      expect(configured().settings[name], `${name} in a file`).to.deep.equal(value);
      rmSync(join(folder, 'facetry.yaml'));
    }
  });

  it('has defaults that its own rules accept', () => {
    const { settings } = configured();
    for (const name of SETTING_NAMES) {
      if (settings[name] !== undefined) expect(SETTINGS[name].read.safeParse(settings[name]).data, name).to.deep.equal(settings[name]);
    }
  });

  it('reads sizes and switches', () => {
    const sizes = { '5': 5, '2k': 2048, '3MiB': 3 << 20, '1 gb': 1 << 30 };
    for (const [text, bytes] of Object.entries(sizes)) expect(configured({ maxBytes: text }).settings['max-bytes'], text).to.equal(bytes);
    for (const text of ['x', '5 TiB', '-1', '1.5k']) expect(refused({ maxBytes: text }).message, text).to.include('must be a size');
    for (const text of ['yes', '1', 'on', 'true']) expect(configured({}, { FACETRY_QUIET: text }).settings.quiet, text).to.equal(true);
    expect(configured({}, { FACETRY_QUIET: 'no' }).settings.quiet).to.equal(false);
    expect(configured({}, { FACETRY_URL: '' }).origins.url).to.equal('default');
  });

  it('takes --data as short for --store, wherever it stands', () => {
    expect(configured({ data: '/x' }).settings.store).to.equal('embedded:/x');
    write('facetry.yaml', 'data: y\n');
    const found = configured();
    expect([found.settings.store, found.origins.store]).to.deep.equal(['embedded:y', join(folder, 'facetry.yaml:1')]);
    expect(configured({ store: 'memory:' }).settings.store).to.equal('memory:');
    expect(configured({ store: 'basex://u@h/d', data: 'x' }).settings).to.include({ store: 'basex://u@h/d', journal: 'x' });
    expect(refused({ store: 'memory:', data: 'x' }).message).to.equal('flag --store and flag --data say two things');
  });

  const mistakes: readonly (readonly [what: string, text: string, place: object, hint?: string])[] = [
    ['unknown settings', 'a: 1', { message: 'there is no setting "a"', line: 1, column: 1 }],
    [
      'misspelt settings',
      'url: http://x\noutptu: json',
      { message: 'there is no setting "outptu"', line: 2, column: 1, hint: 'did you mean "output"?' },
    ],
    ['wrong values', 'max-depth: deep', { message: '"max-depth" must be a whole number from 1', line: 1, column: 12 }],
    ['what is no YAML', 'url: "x', { line: 1 }],
    ['lists', 'url: [a, b]', { message: '"url" must have one value', line: 1, column: 1 }],
    ['what is no mapping', '- a', { line: 1, column: 1 }],
    ['mistakes in contexts', 'contexts:\n  a:\n    urll: x', { message: 'there is no setting "urll"', line: 3, column: 5 }],
  ];
  for (const [what, text, place] of mistakes) {
    it(`shows ${what} at their place in the file`, () => {
      const path = write('facetry.yaml', text);
      const error = refused();
      expect(error).to.be.instanceOf(FileError).and.include({ path, exitCode: 2 });
      expect(error.violations[0]).to.include(place);
    });
  }
});
