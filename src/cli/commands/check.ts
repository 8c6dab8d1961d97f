import { resolve } from 'node:path';
import { checkDirectory } from '../../directory/index.js';
import { openStore } from '../../store/index.js';
import { createXmlPool } from '../../xml/index.js';
import type { CommandSpec } from '../command.js';
import { documentLimits } from '../document-limits.js';
import { Ended, EXIT } from '../exit-code.js';
import { readFacetFolder } from '../facet-folder.js';
import { progressBar } from '../output/progress.js';
import { structured } from '../output/structured.js';
import { outputOf } from '../output-form.js';
import type { Session } from '../session.js';
import { requireStore, storeUrl } from '../store-folder.js';

export const check: CommandSpec = {
  name: 'check',
  summary: 'Verify a store: every document, every revision, every column',
  description:
    'Reads everything and changes nothing; no server may use the store meanwhile. With --facets, facets are also checked against those interfaces. Exit code 1 when anything is wrong. References that lead nowhere are told too; they are no fault of the store.',
  examples: [
    ['facetry check', 'the store in ./data'],
    ['facetry check --data /var/lib/facetry -o json', 'another one, for a program'],
  ],
  async run(session) {
    const form = outputOf(session, ['table', 'json', 'yaml']);
    const { findings, dangling, resources, revision } = await checkStore(session, session.settings.store);
    if (form === 'table')
      for (const { id, message } of [...findings, ...dangling])
        await session.print(`${id === undefined ? 'store' : `"${id}"`}: ${message}\n`);
    else await session.print(structured(form, { revision, resources, findings, dangling }));
    const leading = dangling.length === 0 ? '' : `, ${dangling.length} references lead nowhere`;
    session.note(
      findings.length === 0 ? `${resources} resources at revision ${revision}: nothing is wrong${leading}` : `${findings.length} findings`,
    );
    if (findings.length > 0) throw new Ended(EXIT.failure);
  },
};

interface Told {
  readonly id?: string;
  readonly message: string;
}

export interface Checked {
  readonly findings: readonly Told[];
  /** references that lead nowhere */
  readonly dangling: readonly Told[];
  readonly resources: number;
  readonly revision: number;
}

export async function checkStore({ terminal, settings }: Session, url: string): Promise<Checked> {
  requireStore(url, terminal.cwd);
  const { schemas } = settings.facets === undefined ? { schemas: [] } : readFacetFolder(resolve(terminal.cwd, settings.facets));
  const store = await openStore(storeUrl(url, terminal.cwd));
  try {
    const xml = await createXmlPool({ limits: documentLimits(settings), schemas });
    const bar = progressBar(terminal, 'checking', { quiet: settings.quiet, unit: 'resources' });
    const findings: Told[] = [];
    const dangling: Told[] = [];
    let resources = 0;
    try {
      for await (const { dangling: leadsNowhere, ...told } of checkDirectory(store, xml, (done, total) => {
        resources = done;
        bar.update(done, total);
      })) {
        (leadsNowhere ? dangling : findings).push(told);
      }
      return { findings, dangling, resources, revision: await store.revision() };
    } finally {
      bar.stop();
      await xml.close();
    }
  } finally {
    await store.close();
  }
}
