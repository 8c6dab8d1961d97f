/** The house as DESIGN draws it: which room may import which, how files are called, how long they get. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const SRC = join(ROOT, 'src');

/** room → rooms it may import besides itself; one way, little back and forth */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  model: [],
  thread: [],
  xml: ['model'],
  store: ['model'],
  discovery: ['model', 'xml'],
  directory: ['model', 'xml', 'store', 'discovery'],
  http: ['model', 'directory'],
  client: ['model'],
  keeper: ['model', 'xml', 'client'],
  cluster: ['model', 'xml', 'client'],
  cli: ['model', 'xml', 'store', 'discovery', 'directory', 'http', 'client', 'keeper', 'cluster'],
};
/** A few lines on how workers are started, wanted by several rooms and knowing none. */
const FREE = 'thread';

const LONGEST = 400;
/** Files that are longer, and how long. The numbers may only shrink, and a file that fits leaves the list. */
const LONGER: Readonly<Record<string, number>> = {};

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.split(/[\\/]/).join(posix.sep))
  .sort();
const rooms = [...new Set(files.map(roomOf))];

describe('The layout of src/', () => {
  for (const room of rooms) {
    it(`${room}/ imports only what it may`, () => {
      expect(MAY_IMPORT, 'the rooms that DESIGN knows').to.have.property(room);
      const allowed = [room, FREE, ...(MAY_IMPORT[room] as readonly string[])];
      const wrong = files
        .filter((file) => roomOf(file) === room)
        .flatMap((file) => importsOf(file).map((imported) => ({ file, imported })))
        .filter(({ imported }) => imported.startsWith('.'))
        .map(({ file, imported }) => ({ file, imported, from: roomOf(posix.join(posix.dirname(file), imported)) }))
        .filter(({ from }) => !allowed.includes(from))
        .map(({ file, imported }) => `${file} imports ${imported}`);
      expect(wrong).to.deep.equal([]);
    });
  }

  it('thread/ imports nothing of ours', () => {
    const own = files.filter((file) => roomOf(file) === FREE);
    expect(own.flatMap((file) => importsOf(file).filter((imported) => imported.startsWith('../')))).to.deep.equal([]);
  });

  it('every room opens with the question it answers', () => {
    const silent = rooms
      .filter((room) => room !== FREE)
      .filter((room) => {
        const door = files.find((file) => file === `${room}/index.ts`) ?? `${room}/main.ts`;
        return !/^\/\*\*\s+(?:\*\s+)?\w+\/: .*\?/.test(readFileSync(join(SRC, door), 'utf8'));
      });
    expect(silent).to.deep.equal([]);
  });

  it('the client and the model run in browsers: they import nothing of Node', () => {
    const wrong = files
      .filter((file) => ['client', 'model'].includes(roomOf(file)))
      .flatMap((file) =>
        importsOf(file)
          .filter((imported) => imported.startsWith('node:'))
          .map((imported) => `${file} imports ${imported}`),
      );
    expect(wrong).to.deep.equal([]);
  });

  it('every package that is imported is a dependency', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
    const imported = new Set(
      files
        .flatMap((file) => importsOf(file))
        .filter((name) => !/^(?:\.|node:)/.test(name))
        .map(packageOf),
    );
    expect(
      [...imported].filter((name) => !Object.hasOwn(dependencies, name)),
      'imported, but no dependency',
    ).to.deep.equal([]);
    expect(
      Object.keys(dependencies).filter((name) => !imported.has(name)),
      'a dependency, but imported nowhere',
    ).to.deep.equal([]);
  });

  it('files and folders are called in kebab-case', () => {
    const odd = files.filter((file) => !file.split('/').every((part) => /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.ts)?$/.test(part)));
    expect(odd).to.deep.equal([]);
  });

  it('there is no drawer for what has no place', () => {
    expect(files.filter((file) => /(?:^|[/-])(?:utils?|helpers?|common|misc|shared|lib|stuff)(?:[/.-]|$)/.test(file))).to.deep.equal([]);
  });

  it('exports have names', () => {
    expect(files.filter((file) => /^export default\b/m.test(textOf(file)))).to.deep.equal([]);
  });

  it(`files have at most ${LONGEST} lines`, () => {
    const lengths = new Map(files.map((file) => [file, textOf(file).split('\n').length - 1]));
    const tooLong = [...lengths]
      .filter(([file, lines]) => lines > (LONGER[file] ?? LONGEST))
      .map(([file, lines]) => `${file}: ${lines} lines`);
    expect(tooLong, 'one idea a file: divide it').to.deep.equal([]);
    const shrunk = Object.entries(LONGER).filter(([file, bound]) => (lengths.get(file) ?? 0) < bound);
    expect(shrunk, 'lower these numbers, or take the file off the list').to.deep.equal([]);
  });

  it('there are no circles of folders', () => {
    const graph = new Map<string, Set<string>>();
    for (const file of files) {
      const folder = posix.dirname(file);
      const near = importsOf(file, 'values')
        .filter((name) => name.startsWith('.'))
        .map((name) => posix.dirname(posix.join(folder, name)));
      graph.set(folder, new Set([...(graph.get(folder) ?? []), ...near.filter((other) => other !== folder)]));
    }
    // A parent gathers what its folders offer, and they take types and shared words from it.
    const apart = (a: string, b: string) => !a.startsWith(`${b}/`) && !b.startsWith(`${a}/`);
    expect(
      circlesIn(new Map([...graph].map(([folder, others]) => [folder, [...others].filter((other) => apart(folder, other))]))),
    ).to.deep.equal([]);
  });

  it('the lockfile names no registry', () => {
    const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
    expect(lock).not.to.match(/"resolved":/);
    expect(readFileSync(join(ROOT, '.npmrc'), 'utf8')).to.include('omit-lockfile-registry-resolved=true');
  });
});

function roomOf(file: string): string {
  return file.split('/')[0] as string;
}

function textOf(file: string): string {
  return readFileSync(join(SRC, file), 'utf8');
}

/** Specifiers of all imports; `values`: without those of types, which are gone at run time. */
function importsOf(file: string, which: 'all' | 'values' = 'all'): readonly string[] {
  // Comments may show examples of imports.
  const text = textOf(file)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');
  const found: string[] = [];
  for (const [, type, named, specifier] of text.matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:([^'";]*?)\s+from\s+)?'([^']+)'/gm)) {
    const onlyTypes = type !== undefined || /^\{\s*type\s[^,]*(?:,\s*type\s[^,]*)*,?\s*\}$/.test(named ?? '');
    if (which === 'all' || !onlyTypes) found.push(specifier as string);
  }
  for (const [, specifier] of text.matchAll(/\bimport\(\s*'([^']+)'\s*\)(\.)?/g))
    if (which === 'all' && !specifier?.startsWith('$')) found.push(specifier as string);
  return found;
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function circlesIn(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
      return;
    }
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return circles;
}
