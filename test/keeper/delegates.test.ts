import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { discoverDelegates, type FoundDelegate, testDelegate } from '../../src/keeper/index.js';
import { runtimeOf } from '../../src/keeper/runtime/index.js';
import { temporaryFolder } from '../servers/process.js';

const GPU = 'Q{urn:example:gpu}gpu';
const DECLARED = JSON.stringify({ name: 'probe', version: '1.2', provides: [GPU] });

/** A shell delegate that does this when it is run. */
const shell = (body: string) => `#!/bin/sh\nif [ "$1" = --describe ]; then echo '${DECLARED}'; exit; fi\n${body}\n`;
const module = (body: string) =>
  `export default { name: 'probe', version: '1.2', provides: ['${GPU}'], async collect(context) { ${body} } };\n`;

describe('delegates', () => {
  let folder = '';
  let remove = async () => {};
  before(async () => {
    const made = await temporaryFolder('delegates');
    folder = made.path;
    remove = made.remove;
  });
  after(() => remove());
  let count = 0;

  function write(files: Readonly<Record<string, string>>): string {
    const inside = join(folder, String(count++));
    mkdirSync(inside, { mode: 0o755 });
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(inside, name), text);
      chmodSync(join(inside, name), text.startsWith('#!') ? 0o755 : 0o644);
    }
    return inside;
  }

  async function only(files: Readonly<Record<string, string>>): Promise<FoundDelegate> {
    const { delegates, refused } = await discoverDelegates({ folders: [write(files)], packages: [] });
    expect(refused).to.deep.equal([]);
    expect(delegates).to.have.length(1);
    return delegates[0] as FoundDelegate;
  }

  async function collect(one: FoundDelegate, timeoutMs = 10_000): Promise<string> {
    const runtime = runtimeOf(one, () => undefined);
    try {
      const request = { resource: { id: 'r1' }, config: { size: 4 }, facets: { 'Q{urn:x}x': '<x xmlns="urn:x"/>' } };
      return (await runtime.collect(request, timeoutMs)).join('|');
    } catch (error) {
      return `${(error as { status?: string }).status}: ${(error as Error).message}`;
    } finally {
      await runtime.close();
    }
  }

  describe('what is found', () => {
    it('modules, executables and files, each saying what it provides', async () => {
      const inside = write({
        'a.mjs': module('return {}').replace('probe', 'gpu-module'),
        b: shell('').replace('probe', 'gpu-shell'),
        'c.xml': '<?facetry expires="2099-01-01T00:00:00Z"?><g:gpu xmlns:g="urn:example:gpu"/>',
        'README.md': 'not a delegate',
        '.hidden': shell(''),
      });
      const { delegates, refused } = await discoverDelegates({ folders: [inside], packages: [] });
      expect(delegates.map(({ name, kind, version, provides }) => ({ name, kind, version, provides }))).to.deep.equal([
        { name: 'gpu-module', kind: 'module', version: '1.2', provides: [GPU] },
        { name: 'gpu-shell', kind: 'executable', version: '1.2', provides: [GPU] },
        { name: 'c', kind: 'file', version: undefined, provides: [GPU] },
      ]);
      expect(refused).to.deep.equal([]);
    });

    it('npm packages with the keyword, by their main', async () => {
      const packages = write({});
      for (const [name, keywords] of [
        ['gpu', ['facetry-delegate']],
        ['other', []],
      ] as const) {
        mkdirSync(join(packages, '@x', name), { recursive: true });
        writeFileSync(join(packages, '@x', name, 'package.json'), JSON.stringify({ name, keywords, main: 'main.mjs', version: '3.0.0' }));
        writeFileSync(join(packages, '@x', name, 'main.mjs'), module('return {}').replace(" version: '1.2',", ''));
      }
      const { delegates } = await discoverDelegates({ folders: [], packages: [packages] });
      expect(delegates.map(({ name, version }) => [name, version])).to.deep.equal([['probe', '3.0.0']]);
    });

    it('a folder that is not there holds none', async () => {
      expect(await discoverDelegates({ folders: [join(folder, 'nowhere')], packages: [] })).to.deep.equal({ delegates: [], refused: [] });
    });

    const REFUSED: readonly (readonly [what: string, file: string, text: string, mode: number, why: RegExp])[] = [
      ['a file that everybody may write', 'a', shell(''), 0o777, /the file can be written by everybody: chmod o-w/],
      ['a script that cannot be executed', 'a.py', '#!/usr/bin/python3\n', 0o644, /not executable: chmod \+x/],
      ['a module that does not load', 'a.mjs', 'nonsense here', 0o644, /Unexpected identifier|crashed/],
      ['a module without collect', 'a.mjs', 'export default { name: "a" }', 0o644, /no function collect/],
      ['a declaration without facets', 'a.mjs', module('').replace(`'${GPU}'`, ''), 0o644, /"provides" must name at least one facet/],
      ['a facet without namespace', 'a.mjs', module('').replace(GPU, 'gpu'), 0o644, /must be Q\{namespace\}local/],
      ['an executable that declares nothing', 'a', '#!/bin/sh\necho hello\n', 0o755, /its declaration is neither XML nor JSON/],
      ['an executable that fails', 'a', '#!/bin/sh\necho no such card >&2; exit 3\n', 0o755, /ended with 3: no such card/],
      ['a module that hangs while it loads', 'a.mjs', 'for (;;);', 0o644, /did not end within 5 s/],
      ['XML that is none', 'a.xml', '<a>', 0o644, /./],
      ['XML with a DOCTYPE', 'a.xml', '<!DOCTYPE a><a xmlns="urn:a"/>', 0o644, /DOCTYPE/],
    ];
    for (const [what, file, text, mode, why] of REFUSED) {
      it(`refuses ${what}, and says why`, async () => {
        const inside = write({ [file]: text, 'good.xml': '<g xmlns="urn:g"/>' });
        chmodSync(join(inside, file), mode);
        const { delegates, refused } = await discoverDelegates({ folders: [inside], packages: [] });
        expect(delegates.map(({ name }) => name)).to.deep.equal(['good']);
        expect(refused.map(({ path }) => path)).to.deep.equal([join(inside, file)]);
        expect(refused[0]?.why).to.match(why);
      });
    }

    it('refuses all of a folder that everybody may write', async () => {
      const inside = write({ a: shell('') });
      chmodSync(inside, 0o777);
      const { delegates, refused } = await discoverDelegates({ folders: [inside], packages: [] });
      expect(delegates).to.deep.equal([]);
      expect(refused[0]?.why).to.match(/its folder can be written by everybody/);
    });

    it('refuses what is reached by a way that everybody may bend', async () => {
      const inside = write({});
      const target = write({ a: shell('') });
      symlinkSync(join(target, 'a'), join(inside, 'a'));
      const why = async () => (await discoverDelegates({ folders: [inside], packages: [] })).refused[0]?.why;
      expect(await why()).to.equal(undefined);
      chmodSync(target, 0o777);
      expect(await why()).to.match(/its folder can be written by everybody/);
      chmodSync(target, 0o755);
      chmodSync(folder, 0o777);
      try {
        expect(await why()).to.equal(`a folder above it can be written by everybody: chmod o-w ${folder}`);
      } finally {
        chmodSync(folder, 0o700);
      }
    });

    it('refuses the second of one name, naming the first', async () => {
      const inside = write({ a: shell(''), b: shell('') });
      const { delegates, refused } = await discoverDelegates({ folders: [inside], packages: [] });
      expect(delegates.map(({ path }) => path)).to.deep.equal([join(inside, 'a')]);
      expect(refused).to.deep.equal([{ path: join(inside, 'b'), why: `another delegate has the name "probe": ${join(inside, 'a')}` }]);
    });

    it('asks again only those that have changed', async () => {
      const inside = write({ a: shell('').replace('#!/bin/sh', '#!/bin/sh\necho asked >> "$(dirname "$0")/.log"') });
      const asked = () => readFileSync(join(inside, '.log'), 'utf8').trim().split('\n').length;
      const first = await discoverDelegates({ folders: [inside], packages: [] });
      const second = await discoverDelegates({ folders: [inside], packages: [] }, first);
      expect([second, asked()]).to.deep.equal([first, 1]);
      writeFileSync(join(inside, 'a'), readFileSync(join(inside, 'a'), 'utf8').replace('"1.2"', '"1.30"'));
      const third = await discoverDelegates({ folders: [inside], packages: [] }, second);
      expect([third.delegates[0]?.version, asked()]).to.deep.equal(['1.30', 2]);
    });
  });

  describe('what they give', () => {
    const GIVEN: readonly (readonly [what: string, files: Readonly<Record<string, string>>, expected: RegExp])[] = [
      [
        'content of a module as XML of the facet',
        {
          'a.mjs': module(
            'return { model: "A<100>", tags: ["x", "y"], size: { mb: context.config.size }, none: undefined, at: new Date(0) }',
          ),
        },
        /^<gpu:gpu xmlns:gpu="urn:example:gpu"><gpu:model>A&lt;100(?:>|&gt;)<\/gpu:model><gpu:tags>x<\/gpu:tags><gpu:tags>y<\/gpu:tags><gpu:size><gpu:mb>4<\/gpu:mb><\/gpu:size><gpu:at>1970-01-01T00:00:00.000Z<\/gpu:at><\/gpu:gpu>$/,
      ],
      [
        'what a module is told',
        { 'a.mjs': module('return { id: context.resource.id, x: Object.keys(context.facets)[0] }') },
        /<gpu:id>r1<\/gpu:id><gpu:x>Q\{urn:x\}x</,
      ],
      ['nothing, when there is nothing to say', { 'a.mjs': module('') }, /^$/],
      ['XML that an executable prints', { a: shell(`echo '<gpu xmlns="urn:example:gpu"/>'`) }, /^<gpu xmlns="urn:example:gpu"\/>$/],
      ['JSON that an executable prints', { a: shell(`echo '{"model":"T4"}'`) }, /<gpu:model>T4</],
      [
        'what an executable is told on standard input',
        { a: shell(`grep -o '"id":"[^"]*"' | sed 's/.*:"\\(.*\\)"/{"id":"\\1"}/'`) },
        /<gpu:id>r1</,
      ],
      [
        'a clean environment',
        { a: shell(`echo "{\\"names\\":\\"$(env | cut -d= -f1 | sort | tr '\\n' ' ')\\"}"`) },
        /<gpu:names>HOME LANG PATH (?:PWD )?(?:SHLVL )?(?:_ )?<\/gpu:names>/,
      ],
      ['a facet file', { 'a.xml': '<gpu xmlns="urn:example:gpu"/>' }, /^<gpu xmlns="urn:example:gpu"\/>$/],
      [
        'nothing from a file that has expired',
        { 'a.xml': '<?facetry expires="2020-01-01T00:00:00Z"?><gpu xmlns="urn:example:gpu"/>' },
        /^$/,
      ],
    ];
    for (const [what, files, expected] of GIVEN) it(what, async () => expect(await collect(await only(files))).to.match(expected));
  });

  describe('what one does wrong costs only its own run', () => {
    const WRONG: readonly (readonly [what: string, files: Readonly<Record<string, string>>, expected: RegExp])[] = [
      ['a module that throws', { 'a.mjs': module('throw new Error("no card")') }, /^failed: no card$/],
      ['a module that hangs', { 'a.mjs': module('for (;;);') }, /^timeout: it did not end within 1 s$/],
      ['a module that waits for ever', { 'a.mjs': module('await new Promise(() => setInterval(() => 0, 1000))') }, /^timeout:/],
      ['a module that ends its thread', { 'a.mjs': module('process.exit(4)') }, /^failed: it ended its thread \(4\)$/],
      [
        'a module that fails beside itself',
        { 'a.mjs': module('setTimeout(() => { throw new Error("late") }); await new Promise(() => setInterval(() => 0, 1000))') },
        /^failed: it crashed: late$/,
      ],
      [
        'a module that fills its heap',
        { 'a.mjs': module('const all = []; for (;;) all.push(new Array(1e5).fill(all.length))') },
        /^(?:failed: it needed more than 256 MiB|timeout:)/,
      ],
      [
        'a module that keeps a gigabyte of buffers',
        { 'a.mjs': module('globalThis.all = Array.from({ length: 10 }, () => new ArrayBuffer(1e8)); return {}') },
        /^failed: it used \d+ MiB of buffers/,
      ],
      [
        'a module that says too much',
        { 'a.mjs': module('return { text: "x".repeat(300_000) }') },
        /^failed: its facets have \d+ characters/,
      ],
      ['an executable that crashes', { a: shell('kill -SEGV $$') }, /^failed: it was ended by SIGSEGV$/],
      ['an executable that hangs', { a: shell('sleep 60') }, /^timeout:/],
      ['an executable that prints without end', { a: shell('yes') }, /^failed: it printed more than 256 KiB$/],
      ['an executable that prints garbage', { a: shell('echo hello') }, /^failed: what it printed is neither XML nor JSON/],
      [
        'an executable that takes a gigabyte',
        { a: shell('exec /usr/bin/perl -e \'my $x = "x" x 1_000_000_000; sleep 60\'') },
        /^failed: it needed more than 256 MiB of memory$/,
      ],
      ['one whose child outlives it', { a: shell(`sleep 60 & echo '{"model":"T4"}'`) }, /<gpu:model>T4</],
    ];
    for (const [what, files, expected] of WRONG) {
      it(what, async () => {
        const slow = expected.source.startsWith('^timeout') ? 1000 : 10_000;
        expect(await collect(await only(files), slow)).to.match(expected);
      });
    }

    it('a process group ends with its run', async () => {
      const one = await only({ a: shell('sleep 4242') });
      expect(await collect(one, 1000)).to.match(/^timeout/);
      const running = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandOf(pid).includes('sleep\u00004242'));
      expect(running).to.deep.equal([]);
    });

    it('a module goes on after a run that was lost', async () => {
      const one = await only({ 'a.mjs': module('if (context.resource.id === "bad") for (;;); return { id: context.resource.id }') });
      const runtime = runtimeOf(one, () => undefined);
      const run = (id: string, timeoutMs = 10_000) =>
        runtime.collect({ resource: { id }, config: {}, facets: {} }, timeoutMs).then(
          ([text]) => text?.replace(/<[^>]*>/g, ''),
          (error: { status: string }) => error.status,
        );
      expect(await Promise.all([run('one'), run('bad', 1500), run('two')])).to.deep.equal(['one', 'timeout', 'two']);
      await runtime.close();
    });
  });

  describe('the conformance kit', () => {
    async function failed(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
      const { checks } = await testDelegate(await only(files), { config: {}, resource: 'test', timeoutMs: 5000 }, () => undefined);
      return checks.filter(({ ok }) => !ok).map(({ what, note }) => `${what}: ${note}`);
    }

    it('passes one that keeps the contract', async () => {
      expect(await failed({ 'a.mjs': module('return { model: "T4" }') })).to.deep.equal([]);
    });
    it('names what a configuration breaks of the schema', async () => {
      const declared = "config: { type: 'object', properties: { size: { type: 'number' } }, additionalProperties: false }, async collect";
      const one = await only({ 'a.mjs': module('return {}').replace('async collect', declared) });
      const notes = async (config: Readonly<Record<string, unknown>>) => {
        const { checks } = await testDelegate(one, { config, resource: 'test', timeoutMs: 5000 }, () => undefined);
        return checks.filter(({ ok }) => !ok).map(({ note }) => note);
      };
      expect(await notes({ size: 4 })).to.deep.equal([]);
      expect((await notes({ size: 'four' })).join()).to.match(/"size": .*number/);
      expect((await notes({ sise: 4 })).join()).to.match(/sise/);
    });
    it('names a facet that was not declared', async () => {
      expect((await failed({ a: shell(`echo '<x xmlns="urn:x"/>'`) }))[0]).to.match(/gives a facet it provides: Q\{urn:x\}x is not among/);
    });
    it('names attributes', async () => {
      expect((await failed({ a: shell(`echo '<gpu xmlns="urn:example:gpu"><m unit="mb">1</m></gpu>'`) }))[0]).to.match(/no attributes/);
    });
    it('names one that never says the same twice', async () => {
      expect((await failed({ 'a.mjs': module('return { at: process.hrtime.bigint() }') }))[0]).to.match(/two runs at once differ/);
    });
  });
});

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
