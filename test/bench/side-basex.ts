import type { BaseXClient } from '../servers/basex-client.js';
import type { Corpus, CorpusQuery, SizeName } from './corpus.js';
import type { BaseXTime, DiscoveryAtSize } from './results.js';
import { median } from './statistics.js';

/** CREATE DB with BaseX's default indexes (text, attribute), of files in a folder. Returns seconds. */
export async function createDatabase(session: BaseXClient, name: string, folder: string): Promise<number> {
  const start = performance.now();
  await session.execute(`CREATE DB ${name} ${folder}`);
  return (performance.now() - start) / 1_000;
}

/**
 * BaseX's own evaluation time of each query. BaseX evaluates lazily while it prints, so the query is put into
 * count(), which evaluates everything and prints one number.
 */
export async function evaluationTimes(session: BaseXClient, corpus: Corpus, size: SizeName): Promise<BaseXTime[]> {
  await session.execute('SET QUERYINFO true');
  const times: BaseXTime[] = [];
  for (const query of corpus.queries) {
    const [plainMs, textMs] = await forms(query, async (xpath) => {
      const samples: number[] = [];
      for (let run = -2; run < runs(size); run++) {
        const { result, info } = await session.execute(`XQUERY ${prolog(corpus)}count(${xpath})`);
        expectCount('BaseX', query, size, Number(result.toString('utf8')));
        if (run >= 0) samples.push(Number(/Evaluating: ([\d.]+) ms/.exec(info)?.[1]));
      }
      return median(samples);
    });
    times.push({
      name: query.name,
      count: query.expected[size],
      ms: Math.min(plainMs, textMs ?? plainMs),
      plainMs,
      ...(textMs === undefined ? {} : { textMs }),
    });
  }
  await session.execute('SET QUERYINFO false');
  return times;
}

/** The same through the client: until the whole serialised answer is there. */
export async function fullTimes(
  session: BaseXClient,
  corpus: Corpus,
  size: SizeName,
): Promise<NonNullable<DiscoveryAtSize['basexClient']>> {
  // Indentation would make BaseX's answers half as large again, and slower.
  await session.execute('SET SERIALIZER indent=no');
  const times = [];
  for (const query of corpus.queries) {
    let bytes = 0;
    const [plainMs, textMs] = await forms(query, async (xpath) => {
      const text = `XQUERY ${prolog(corpus)}${query.result === 'count' ? `count(${xpath})` : xpath}`;
      const samples: number[] = [];
      for (let run = -2; run < runs(size); run++) {
        const start = performance.now();
        const { result } = await session.execute(text);
        if (run >= 0) samples.push(performance.now() - start);
        bytes = result.length;
      }
      return median(samples);
    });
    times.push({
      name: query.name,
      count: query.expected[size],
      ms: Math.min(plainMs, textMs ?? plainMs),
      plainMs,
      ...(textMs === undefined ? {} : { textMs }),
      bytes,
    });
  }
  return times;
}

async function forms(query: CorpusQuery, time: (xpath: string) => Promise<number>): Promise<[number, number | undefined]> {
  return [await time(query.xpath), query.xpath_text === undefined ? undefined : await time(query.xpath_text)];
}

function runs(size: SizeName): number {
  return size === '100k' ? 5 : 9;
}

function prolog(corpus: Corpus): string {
  return Object.entries(corpus.namespaces)
    .map(([prefix, uri]) => `declare namespace ${prefix}="${uri}";`)
    .join('');
}

export function expectCount(engine: string, query: CorpusQuery, size: SizeName, actual: number): void {
  if (actual !== query.expected[size])
    throw new Error(`${engine} selects ${actual} nodes for ${query.name} at ${size}, not ${query.expected[size]}`);
}
