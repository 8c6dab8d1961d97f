/** The readers of `part-watch.ts`, in a process of their own: `watch-readers.ts PORT` with the addresses to watch in a message. */
import { Agent, get } from 'node:http';

const port = Number(process.argv[2]);
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
let events = 0;

process.on('message', (message: { readonly watch: readonly string[] } | 'count' | 'stop') => {
  if (message === 'stop') process.exit(0);
  if (message === 'count') return process.send?.({ events });
  void open(message.watch);
});

/** All at once would be more than the server takes on; some dozens at a time. */
async function open(paths: readonly string[]): Promise<void> {
  for (let k = 0; k < paths.length; k += 50) await Promise.all(paths.slice(k, k + 50).map(ready));
  events = 0;
  process.send?.('ready');
}

function ready(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get({ port, path, agent, headers: { Accept: 'text/event-stream' } }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`GET ${path} answers ${response.statusCode}`));
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        events += text.split('event: update').length - 1;
        if (text.includes('event: ready')) resolve();
        if (text.includes('event: end') || text.includes('event: gap')) throw new Error(text);
      });
    }).on('error', reject);
  });
}
