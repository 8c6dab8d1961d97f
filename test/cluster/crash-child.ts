/** Keeps clusters, and is gone, as by a power failure, before or after its nth request: `crash-child.ts URL VAULT KEY N before|after`. */
import { connect } from '../../src/client/index.js';
import { createReconciler, openVault, readMasterKey } from '../../src/cluster/index.js';

const [url, folder, key, nth, when] = process.argv.slice(2) as [string, string, string, string, 'before' | 'after'];
const send = globalThis.fetch;
let count = 0;
const end = () => process.kill(process.pid, 'SIGKILL');
globalThis.fetch = async (...given) => {
  count++;
  if (count === Number(nth) && when === 'before') end();
  const answer = await send(...given);
  // the whole answer has arrived, and nobody has read it
  if (count >= Number(nth) && when === 'after') {
    await answer.clone().text();
    end();
  }
  return answer;
};
await createReconciler({ client: connect(url), vault: openVault(folder, readMasterKey(key)) }).run(new AbortController().signal);
