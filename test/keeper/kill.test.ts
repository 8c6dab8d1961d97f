// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references as a keeper's file has them
/** A keeper that is killed at any moment: nothing is lost, nothing is there twice, what was given last is remembered. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { connect } from '../../src/client/index.js';
import { startFacetry } from '../servers/facetry.js';
import { moduleOf, scriptOf, startKeeper, writeKeeper } from '../servers/keeper.js';
import { temporaryFolder } from '../servers/process.js';
import { random, seedFrom } from '../servers/random.js';

const KILLS = Number(process.env.FACETRY_KEEPER_KILLS ?? 8);
const { seed, int } = random(seedFrom('FACETRY_SEED'));

const CONFIG = `name: killed
scopes: [/killed]
schedule: { every: 1s, on-change: [./rows.json, ./value] }
delegates: { folders: ./delegates }
resources:
  - id: row-\${row:id}
    for-each: { delegate: rows, config: { text: '\${file:rows.json}' } }
    facets:
      - { delegate: value, config: { text: '\${file:value}' } }
      - { delegate: once, critical: keep-last-good, max-age: 1h }
`;

describe(`a keeper that is killed (FACETRY_KEEPER_KILLS=${KILLS} FACETRY_SEED=${seed})`, () => {
  it('loses no resource, leaves none behind, and remembers what was given last', async function () {
    this.timeout(60_000 + KILLS * 10_000);
    const data = await temporaryFolder('kill-data');
    const made = await temporaryFolder('kill');
    const folder = made.path;
    const directory = await startFacetry({ data: data.path });
    const url = `http://127.0.0.1:${directory.port}`;
    const client = connect(url);
    /** these are listed all the time, the others come and go */
    const steady = ['s1', 's2', 's3', 's4', 's5'];
    let rows: readonly string[] = [];
    const write = (round: number) => {
      rows = [...steady, ...Array.from({ length: 15 }, (_, k) => `t${k}`).filter(() => int(2) === 0)];
      writeFileSync(join(folder, 'rows.json'), JSON.stringify(rows.map((id) => ({ id }))));
      writeFileSync(join(folder, 'value'), `${round}`);
    };
    writeKeeper(folder, CONFIG, {
      'rows.mjs': moduleOf('rows', 'return undefined;', 'list({ config }) { return JSON.parse(config.text); },'),
      'value.mjs': moduleOf('value', 'return { value: config.text };'),
      once: scriptOf('once', `echo '{"value":"remembered"}'`),
    });
    write(0);

    /** `id value once` of everything in the scope, in order of ids; digits stand before letters */
    async function there(): Promise<readonly string[]> {
      const found: string[] = [];
      for await (const node of client.discover("/r:resource[r:scope = '/killed'][starts-with(@id, 'row-')]"))
        if (node.kind === 'element')
          found.push([node.resource, ...[...node.xml.matchAll(/value>([^<]+)</g)].map(([, text]) => text).sort()].join(' '));
      return found.sort();
    }
    async function until(what: string, seconds: number, look: () => Promise<boolean>): Promise<void> {
      for (const end = Date.now() + seconds * 1000; !(await look()); await delay(50))
        if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}; there are:\n${(await there()).join('\n')}`);
    }
    const wanted = (round: number) => rows.map((id) => `row-${id} ${round} remembered`).sort();

    try {
      const first = startKeeper({ folder, url });
      await until('the first state', 30, async () => (await there()).join('\n') === wanted(0).join('\n'));
      await first.kill();
      // From now on it only fails: what it gave is in the keeper's own folder, or nowhere.
      writeFileSync(join(folder, 'delegates', 'once'), scriptOf('once', 'exit 1'));
      const { next } = await client.changes();
      for (let round = 1; round <= KILLS; round++) {
        const keeper = startKeeper({ folder, url });
        await delay(int(2500));
        write(round);
        // Every other one is killed in the midst of telling that; the others at any moment, be it before they have begun.
        if (int(2) === 0)
          await until(`a word of round ${round}`, 30, async () => (await there()).some((line) => line.includes(` ${round} `)));
        await delay(int(400));
        await keeper.kill();
      }
      const last = startKeeper({ folder, url });
      try {
        await until('the last state, and nothing else', 30, async () => {
          const now = (await there()).map((line) => line.split(' ').slice(0, 2).join(' '));
          return (
            now.join('\n') ===
            wanted(KILLS)
              .map((line) => line.split(' ').slice(0, 2).join(' '))
              .join('\n')
          );
        });
        const lines = await there();
        for (const id of steady) expect(lines).to.include(`row-${id} ${KILLS} remembered`);
        const { items } = await client.changes({ cursor: next, limit: 10_000 });
        const lost = items.filter(({ kind, resource }) => kind === 'removed' && steady.includes(resource.slice(4)));
        expect(lost, 'resources that were listed all the time').to.deep.equal([]);
        console.log(`      ${KILLS} kills, ${items.length} changes, ${rows.length} resources at the end`);
      } finally {
        await last.kill();
      }
    } finally {
      await directory.stop();
      rmSync(folder, { recursive: true, force: true });
      await made.remove();
      await data.remove();
    }
  });
});
