import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * The seeded corpus beside the repository: document i depends on (seed, i, revision) alone, so the thousand is a
 * prefix of the ten thousand. Its 14 queries come with the number of nodes each must select.
 */
const FOLDER = resolve(dirname(fileURLToPath(import.meta.url)), '../../../shared/corpus');

export type SizeName = '1k' | '10k' | '100k';
export const SIZES: Readonly<Record<SizeName, number>> = {
  '1k': 1_000,
  '10k': 10_000,
  '100k': 100_000,
};

export interface CorpusQuery {
  readonly name: string;
  readonly covers: string;
  readonly result: 'documents' | 'values' | 'count';
  readonly xpath: string;
  /** the same question in the one form for which BaseX uses its text index */
  readonly xpath_text?: string;
  readonly expected: Readonly<Record<SizeName, number>>;
  readonly expected_updated: Readonly<Record<SizeName, number>>;
}

export interface Corpus {
  readonly namespaces: Readonly<Record<string, string>>;
  readonly queries: readonly CorpusQuery[];
  document(index: number, revision?: number): string;
  id(index: number): string;
  documents(count: number): Iterable<string>;
  /** the documents that the update set replaces */
  updates(count: number, of: number): readonly number[];
}

/** Why the corpus cannot be read, or undefined. */
export function corpusMissing(): string | undefined {
  return existsSync(join(FOLDER, 'gen.mjs')) ? undefined : 'the corpus (../shared/corpus) is not beside this repository';
}

export async function openCorpus(): Promise<Corpus> {
  const generator = (await import(pathToFileURL(join(FOLDER, 'gen.mjs')).href)) as {
    makeDoc(i: number, revision: number): string;
    idOf(i: number): string;
    updateIndices(of: number, count: number): number[];
  };
  const { namespaces, queries } = JSON.parse(await readFile(join(FOLDER, 'queries.json'), 'utf8')) as Pick<
    Corpus,
    'namespaces' | 'queries'
  >;
  const document = (index: number, revision = 0) => generator.makeDoc(index, revision);
  return {
    namespaces,
    queries,
    document,
    id: (index) => generator.idOf(index),
    *documents(count) {
      for (let i = 0; i < count; i++) yield document(i);
    },
    updates: (count, of) => generator.updateIndices(of, count),
  };
}

/** Writes one file a document, a thousand a folder. Returns the bytes of XML. */
export async function writeFiles(corpus: Corpus, count: number, folder: string): Promise<number> {
  let bytes = 0;
  for (let start = 0; start < count; start += 1_000) {
    const inner = join(folder, String(start / 1_000).padStart(3, '0'));
    await mkdir(inner, { recursive: true });
    const batch = Array.from({ length: Math.min(1_000, count - start) }, (_, k) => start + k);
    await Promise.all(
      batch.map((index) => {
        const text = Buffer.from(corpus.document(index), 'utf8');
        bytes += text.length;
        return writeFile(join(inner, `${corpus.id(index)}.xml`), text);
      }),
    );
  }
  return bytes;
}

/** Writes one document a line (no document of the corpus holds a line break). Returns the bytes of XML. */
export async function writeLines(corpus: Corpus, count: number, file: string): Promise<number> {
  const out = createWriteStream(file);
  let bytes = 0;
  for (const document of corpus.documents(count)) {
    bytes += Buffer.byteLength(document);
    if (!out.write(`${document}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
  return bytes;
}
