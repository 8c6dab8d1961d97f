/** Waiting for a cluster, with what Heat says meanwhile. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '../../client/index.js';
import { type ClusterState, type Heat, readCluster } from '../../cluster/index.js';
import { Problem } from '../../model/index.js';

const LOOK = 700;

export interface Waiting {
  readonly client: Client;
  /** undefined: the events are not asked for */
  readonly heat: Heat | undefined;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Resolves with the first state that is `wanted`; rejects after so many seconds. */
export async function waitFor(
  id: string,
  wanted: (state: ClusterState) => boolean,
  seconds: number,
  { client, heat, say, signal }: Waiting,
): Promise<ClusterState> {
  const end = Date.now() + seconds * 1000;
  let status = '';
  let last: string | undefined;
  for (;;) {
    const state = (await readCluster(client, id))?.state;
    if (state === undefined) throw new Problem('not-found', { detail: `there is no cluster "${id}"` });
    if (heat !== undefined && state.stackId !== undefined && state.stackName !== undefined) {
      // a stack that is just gone has none, and the site may be busy: what counts is in the directory
      const events = await heat.events({ stack_name: state.stackName, id: state.stackId }, last).catch(() => []);
      for (const event of events) say(`  ${event.resource_status.padEnd(20)} ${event.resource_name}`);
      last = events.at(-1)?.id ?? last;
    }
    if (state.status !== status)
      say(`${id} is ${state.status}${state.reason === undefined || !/fail/.test(state.status) ? '' : `: ${state.reason}`}`);
    status = state.status;
    if (wanted(state)) return state;
    if (Date.now() > end)
      throw new Problem('site-unreachable', {
        detail: `${id} is still ${state.status} after ${seconds} s`,
        hint: state.status === 'requested' ? 'is facetry clusters running?' : `facetry cluster wait ${id} waits on`,
      });
    await delay(LOOK, undefined, { signal });
  }
}
