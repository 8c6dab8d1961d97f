/** Databases with the schemas of the three services, made once per machine: the migrations take 20 s of CPU. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { glanceConf, heatConf, keystoneConf, type Passwords, type Ports } from './configuration.js';

const run = promisify(execFile);
const NAMES = ['keystone', 'heat', 'glance'] as const;
const NOBODY: Ports = { keystone: 1, heat: 1, glance: 1 };
const NO_PASSWORDS: Passwords = { admin: 'x', heat: 'x', glance: 'x', domain: 'x', demo: 'x', encryption: '0'.repeat(32) };

/** Never the Python that a version manager has put first in PATH: the libraries are Debian's. */
export const PYTHON = '/usr/bin/python3';
export const CLEAN_ENV: NodeJS.ProcessEnv = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PYTHON')));

export async function freshDatabases(into: string): Promise<void> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own syntax
  const { stdout } = await run('dpkg-query', ['-W', '-f=${Version}-', 'python3-keystone', 'heat-common', 'glance-common']);
  const kept = join(tmpdir(), `facetry-openstack-schemas-${process.getuid?.() ?? 0}-${stdout.replace(/[^\w.-]/g, '_')}`);
  if (!existsSync(kept)) await migrate(kept);
  for (const name of NAMES) await copyFile(join(kept, 'db', `${name}.db`), join(into, `${name}.db`));
}

async function migrate(kept: string): Promise<void> {
  const state = await mkdtemp(`${kept}.`);
  try {
    for (const folder of ['db', 'log', 'lock']) await mkdir(join(state, folder));
    const conf = async (name: string, text: string) => {
      await writeFile(join(state, name), text);
      return join(state, name);
    };
    const manage = (program: string, file: string) =>
      run(PYTHON, [`/usr/bin/${program}`, '--config-file', file, 'db_sync'], { env: CLEAN_ENV, maxBuffer: 1 << 26 });
    await Promise.all([
      manage('keystone-manage', await conf('keystone.conf', keystoneConf(state, NOBODY, {}))),
      manage('heat-manage', await conf('heat.conf', heatConf(state, NOBODY, NO_PASSWORDS, {}))),
      manage('glance-manage', await conf('glance-api.conf', glanceConf(state, NOBODY, NO_PASSWORDS))),
    ]);
    await run(PYTHON, ['-c', AUTOINCREMENT, join(state, 'db/heat.db')]);
    for (const name of NAMES) await run('sqlite3', [join(state, 'db', `${name}.db`), 'PRAGMA journal_mode=WAL;']);
    // another process may have been faster; its work is as good
    await rename(state, kept).catch(() => undefined);
  } finally {
    await rm(state, { recursive: true, force: true });
  }
}

/**
 * SQLite gives the highest deleted id again, MySQL never does, and Heat keeps ids of rows it deletes: a stack could then not be
 * deleted ("ResourcePropertiesData with id 21 not found"). The tables are still empty.
 */
const AUTOINCREMENT = `
import re, sqlite3, sys
c = sqlite3.connect(sys.argv[1])
for name, sql in c.execute("select name, sql from sqlite_master where type='table' and sql is not null").fetchall():
    new = re.sub(r"\\bid INTEGER NOT NULL\\b", "id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL", sql, count=1)
    new, k = re.subn(r",\\s*PRIMARY KEY \\(id\\)", "", new)
    if new == sql or not k or c.execute(f'select count(*) from "{name}"').fetchone()[0]: continue
    idx = [r[0] for r in c.execute("select sql from sqlite_master where type='index' and tbl_name=? and sql is not null", (name,))]
    c.execute(f'drop table "{name}"'); c.execute(new); [c.execute(i) for i in idx]
c.commit()
`;
