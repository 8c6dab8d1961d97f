import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { templateFiles } from '../../../src/cli/clusters/template-files.js';
import { UsageError } from '../../../src/cli/exit-code.js';

describe('The files of a template', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'facetry-files-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(files: Readonly<Record<string, string | Uint8Array>>): void {
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, 't', name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
  }
  const of = (template: string) => templateFiles(template, 'main.yaml', join(folder, 't'));
  const get = (name: string) => `resources:\n  v: { type: OS::Heat::Value, properties: { value: { get_file: "${name}" } } }\n`;
  const refusal = (template: string): string => {
    try {
      of(template);
    } catch (error) {
      expect(error).to.be.instanceOf(UsageError);
      return (error as Error).message;
    }
    return expect.fail('should have been refused');
  };

  it('are found wherever they are named, those of nested templates too', () => {
    write({
      'a.txt': '  hello <&> \n',
      'sub/inner.yaml': get('deep.txt'),
      'sub/deep.txt': 'deep',
      'member.template': 'resources: {}\n',
    });
    const template = `${get('a.txt')}  n: { type: sub/inner.yaml }
  g: { type: OS::Heat::ResourceGroup, properties: { resource_def: { type: member.template } } }
  far: { type: "https://example.org/x.yaml" }
  plain: { type: OS::Heat::None, properties: { list: [ { get_file: a.txt } ] } }
`;
    expect(of(template)).to.deep.equal({
      'a.txt': '  hello <&> \n',
      'sub/inner.yaml': get('deep.txt'),
      'deep.txt': 'deep',
      'member.template': 'resources: {}\n',
    });
    expect(of('resources: {}\n')).to.deep.equal({});
  });

  it('may name each other', () => {
    write({ 'a.yaml': 'resources: { b: { type: b.yaml } }\n', 'b.yaml': 'resources: { a: { type: a.yaml } }\n' });
    expect(Object.keys(of('resources: { a: { type: a.yaml } }\n'))).to.deep.equal(['a.yaml', 'b.yaml']);
  });

  it('are not taken from beyond the folder of the template', () => {
    write({ 'a.txt': 'x', 'sub/inner.yaml': get('../a.txt'), 'sub/out.yaml': get('../../secret') });
    writeFileSync(join(folder, 'secret'), 'word');
    symlinkSync(join(folder, 'secret'), join(folder, 't/link'));
    symlinkSync(folder, join(folder, 't/up'));
    for (const name of ['../secret', 'link', 'up/secret', './sub/../../secret'])
      expect(refusal(get(name)), name).to.equal(`main.yaml: "${name}" leads out of the folder of main.yaml`);
    for (const name of ['/etc/passwd', 'file:///etc/passwd', 'http://127.0.0.1/x'])
      expect(refusal(get(name)), name).to.equal(`main.yaml: "${name}" is no path below the folder of main.yaml`);
    expect(refusal('resources: { n: { type: sub/out.yaml } }')).to.equal(
      'sub/out.yaml: "../../secret" leads out of the folder of main.yaml',
    );
    expect(of('resources: { n: { type: sub/inner.yaml } }')).to.have.keys(['sub/inner.yaml', '../a.txt']);
  });

  it('are refused with their names when they cannot be taken', () => {
    write({
      'binary.bin': new Uint8Array([0xff, 0xfe, 0x00]),
      'control.txt': 'a\u0001b',
      'big.txt': 'x'.repeat(400_000),
      'big2.txt': 'y'.repeat(200_000),
      'broken.yaml': 'a: [',
      'x.txt': 'one',
      'sub/x.txt': 'two',
      'sub/inner.yaml': get('x.txt'),
    });
    expect(refusal(get('none.txt'))).to.equal('main.yaml: there is no file none.txt');
    expect(refusal(get('sub'))).to.equal('main.yaml: sub is no file');
    expect(refusal(get('binary.bin'))).to.equal('main.yaml: binary.bin is no text');
    expect(refusal(get('control.txt'))).to.equal('main.yaml: control.txt is no text');
    expect(refusal(`${get('big.txt')}  w: { get_file: big2.txt }\n`)).to.equal(
      'main.yaml: with big2.txt the files of main.yaml have more than 512 KiB',
    );
    expect(refusal('resources: { n: { type: broken.yaml } }')).to.match(/^broken\.yaml is not YAML: /);
    expect(refusal(`${get('x.txt')}  n: { type: sub/inner.yaml }\n`)).to.equal(
      'sub/inner.yaml: "x.txt" is another file there than elsewhere',
    );
  });
});
