/** `npm start`: installs and builds what is missing, then serves ./data with the shipped interfaces and samples. */
import { at, ensureBuilt, ensureInstalled, main } from './ensure.mjs';

await main(async () => {
  ensureInstalled();
  ensureBuilt();
  process.chdir(at('.'));
  process.argv = [process.execPath, at('bin/facetry.js'), 'serve', '--samples', '--log-format', 'pretty', ...process.argv.slice(2)];
  await import('../bin/facetry.js');
});
