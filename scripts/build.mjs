/** `npm run build`: installs what is missing and compiles src to dist, if anything changed. */
import { ensureBuilt, ensureInstalled, main, say } from './ensure.mjs';

await main(() => {
  ensureInstalled();
  if (!ensureBuilt()) say('dist is up to date');
});
