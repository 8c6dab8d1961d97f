/**
 * A server in a process of its own, for tests that look at its memory: `server-process.ts JSON` with the options of `run`.
 * Sends its port, then answers each message with { rss, requests, aborted }.
 */
import { run } from './running.js';

const server = await run(JSON.parse(process.argv[2] ?? '{}'));
process.on('message', () => {
  const done = server.requests();
  process.send?.({ rss: process.memoryUsage.rss(), requests: done.length, aborted: done.filter(({ aborted }) => aborted).length });
});
process.on('disconnect', () => void server.stop());
process.send?.({ port: server.port });
