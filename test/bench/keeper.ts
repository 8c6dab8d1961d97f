/**
 * What a keeper costs when nothing changes:
 *
 *     npm run bench keeper [resources] [seconds]      default 500 60
 *
 * One keeper, four delegates for each resource, all of them asked once a minute: how much of a core the keeper and its threads use
 * once everything is published, what the directory uses, and how many commits come of it (none is right).
 */
import { readFileSync } from 'node:fs';
import { connect } from '../../src/client/index.js';
import { startFacetry } from '../servers/facetry.js';
import { moduleOf, startKeeper, writeKeeper } from '../servers/keeper.js';
import { temporaryFolder } from '../servers/process.js';

const count = Number(process.argv[2] ?? 500);
const seconds = Number(process.argv[3] ?? 60);
const NAMES = ['disks', 'network', 'packages', 'services'];
/** jiffies of CPU time a second, sysconf(_SC_CLK_TCK): 100 on Linux */
const JIFFIES = 100;

const data = await temporaryFolder('bench-keeper-data');
const folder = await temporaryFolder('bench-keeper');
const directory = await startFacetry({ data: data.path, built: true });
const url = `http://127.0.0.1:${directory.port}`;
const client = connect(url);
const facet = (name: string) =>
  moduleOf(
    name,
    `return { resource: resource.id, item: Array.from({ length: 20 }, (_, i) => ({ number: i, name: '${name}-' + i, state: 'running' })) };`,
  );
writeKeeper(
  folder.path,
  `name: bench
scopes: [/bench]
schedule: { every: 60s, jitter: 1s }
delegates: { folders: ./delegates }
resources:
  - id: r-\${row:number}
    for-each: { delegate: rows }
    facets: [${NAMES.map((name) => `{ delegate: ${name} }`).join(', ')}]
`,
  {
    'rows.mjs': `export default { name: 'rows', provides: ['Q{urn:test:rows}rows'], collect: () => undefined, list: () => Array.from({ length: ${count} }, (_, number) => ({ number })) };\n`,
    ...Object.fromEntries(NAMES.map((name) => [`${name}.mjs`, facet(name)])),
  },
);
const began = performance.now();
const keeper = startKeeper({ folder: folder.path, url, built: true });
try {
  while ((await client.page({ limit: 1 })).total < count + 1) await pause(200);
  console.log(`${count} resources with ${NAMES.length} facets were published in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  await pause(10_000);
  const { next } = await client.changes();
  const before = [cpu(keeper.process.pid as number), cpu(directory.pid())] as const;
  const from = performance.now();
  await pause(seconds * 1000);
  const took = (performance.now() - from) / 1000;
  const used = [cpu(keeper.process.pid as number) - before[0], cpu(directory.pid()) - before[1]] as const;
  const { items } = await client.changes({ cursor: next });
  console.log(`${count * NAMES.length} facets a minute, over ${took.toFixed(0)} s in which nothing changed:`);
  console.log(
    `keeper:    ${((100 * used[0]) / took).toFixed(1)} % of a core, ${(resident(keeper.process.pid as number) / 2 ** 20).toFixed(0)} MiB`,
  );
  console.log(`directory: ${((100 * used[1]) / took).toFixed(1)} % of a core`);
  console.log(`commits:   ${items.length}`);
} finally {
  await keeper.stop();
  await directory.stop();
  await folder.remove();
  await data.remove();
}

/** Seconds of CPU time that a process has used, all its threads together (proc(5), utime and stime). */
function cpu(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / JIFFIES;
}

function resident(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
