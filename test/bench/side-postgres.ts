import { startPostgres } from '../servers/postgres.js';
import { type Corpus, SIZES, type SizeName } from './corpus.js';
import type { QueryTime } from './results.js';
import { expectCount } from './side-basex.js';
import { median } from './statistics.js';

/** PostgreSQL's xpath() over an xml column: one row a document. Its own execution time, as EXPLAIN ANALYZE tells it. */
export async function postgresTimes(corpus: Corpus, size: SizeName): Promise<{ readonly version: string; readonly times: QueryTime[] }> {
  const postgres = await startPostgres();
  try {
    await postgres.sql('CREATE TABLE resources (document xml)');
    await postgres.sql('COPY resources FROM STDIN', lines(corpus, SIZES[size]));
    await postgres.sql('VACUUM ANALYZE resources');
    const namespaces = Object.entries(corpus.namespaces).map(([prefix, uri]) => `[${literal(prefix)},${literal(uri)}]`);
    const times: QueryTime[] = [];
    for (const query of corpus.queries) {
      const sql = `SELECT sum(cardinality(xpath(${literal(query.xpath)}, document, ARRAY[${namespaces.join(',')}]))) FROM resources`;
      const count = Number(await postgres.sql(sql)); // also the warm-up
      expectCount('PostgreSQL', query, size, count);
      const samples: number[] = [];
      for (let run = 0; run < (size === '100k' ? 1 : 3); run++) {
        const [plan] = JSON.parse(await postgres.sql(`EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${sql}`)) as [
          { 'Execution Time': number },
        ];
        samples.push(plan['Execution Time']);
      }
      times.push({ name: query.name, count, ms: median(samples) });
    }
    return { version: postgres.version, times };
  } finally {
    await postgres.stop();
  }
}

function* lines(corpus: Corpus, count: number): Iterable<string> {
  let text = '';
  for (const document of corpus.documents(count)) {
    text += `${document.replaceAll('\\', '\\\\').replaceAll('\t', '\\t')}\n`;
    if (text.length < 1 << 20) continue;
    yield text;
    text = '';
  }
  yield text;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
