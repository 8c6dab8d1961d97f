/** `npm run bench [NAME]` and `npm run fuzz [NAME]`: runs FOLDER/NAME.ts, by default FOLDER/index.ts, straight from the sources. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { at, ensureBuilt, ensureInstalled, Failure, main, say } from './ensure.mjs';
import { ensureServers } from './servers.mjs';

await main(() => {
  const [folder, ...rest] = process.argv.slice(2);
  const named = rest[0] !== undefined && !rest[0].startsWith('-');
  const name = named ? rest[0] : 'index';
  const program = at(`${folder}/${name}.ts`);
  if (!existsSync(program)) {
    const there = existsSync(at(folder)) ? readdirSync(at(folder)).filter((file) => file.endsWith('.ts')) : [];
    throw new Failure(`there is no ${folder}/${name}.ts; there are: ${there.map((file) => file.slice(0, -3)).join(' ') || 'none'}`);
  }
  ensureInstalled();
  ensureBuilt();
  const missing = folder === 'test/bench' ? ensureServers('bench') : [];
  if (missing.length > 0) say(`missing: ${missing.join(' ')} (apt-get install ${missing.join(' ')}); what needs them is left out`);
  const child = spawn(process.execPath, ['--expose-gc', '--import', 'tsx', program, ...rest.slice(named ? 1 : 0)], {
    cwd: at('.'),
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
  });
});
