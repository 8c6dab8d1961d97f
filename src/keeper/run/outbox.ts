/**
 * What is to be published. It holds resources, not documents: whatever waited while the directory was away is published as it is
 * when the directory is back. A resource waits a moment for its other delegates, so that they make one document and not several.
 */
import { type Client, RequestProblem } from '../../client/index.js';
import type { OnKeeperEvent } from '../events.js';
import { lane } from '../lane.js';
import { createBackoff, isAway, pauseAfter, publishResource, renewLeases, withdraw } from '../publish/index.js';
import { isComplete, type ResourceState } from '../state.js';

/** ms that a change waits for the other delegates of its resource */
const SETTLE = 500;
/** requests at once */
const WIDTH = 4;
/** ms after which what the directory refused is tried again, at first and at most */
const REFUSED = [15_000, 600_000] as const;

export interface Outbox {
  /** It differs from what the directory has. */
  put(resource: ResourceState): void;
  /** It is not kept any longer. */
  remove(id: string): void;
  /** Sends what is ready. Resolves when there is nothing more that could be sent now. `urgent`: nothing waits for others. */
  flush(urgent: boolean): Promise<void>;
  renew(resources: Iterable<ResourceState>): Promise<void>;
  /** Everything that was handed in has been sent. */
  readonly empty: boolean;
}

export interface OutboxOptions {
  readonly client: Client;
  readonly manager: string;
  readonly onEvent: OnKeeperEvent;
  /** called when a resource is no longer in the directory */
  onWithdrawn(id: string): void;
  /** called when the directory finds something invalid that was taken for valid here */
  onInvalid(): void;
  /** ms since the epoch */
  now(): number;
}

export function createOutbox({ client, manager, onEvent, onWithdrawn, onInvalid, now }: OutboxOptions): Outbox {
  /** Waiting is reckoned in real time: setting the clock changes nothing. */
  const elapsed = () => performance.now();
  /** since when */
  const changed = new Map<ResourceState, number>();
  const leaving = new Set<string>();
  const sending = new Set<ResourceState>();
  const backoff = createBackoff();
  const requests = lane(WIDTH);

  async function talk(work: () => Promise<void>, onRefused: (error: RequestProblem) => void): Promise<void> {
    try {
      await work();
      if (backoff.answered()) onEvent({ kind: 'back' });
    } catch (error) {
      if (error instanceof RequestProblem && !isAway(error)) {
        if (backoff.answered()) onEvent({ kind: 'back' });
        onRefused(error);
        return;
      }
      const wasKnown = backoff.wait(elapsed()) > 0;
      const retryMs = backoff.failed(error, elapsed());
      if (!wasKnown) onEvent({ kind: 'away', why: (error as Error).message, retryMs });
    }
  }

  async function send(resource: ResourceState): Promise<void> {
    if (backoff.wait(elapsed()) > 0) return;
    const since = changed.get(resource);
    changed.delete(resource);
    sending.add(resource);
    let sent = false;
    await talk(
      async () => {
        const { written, refusals } = await publishResource(client, manager, resource, now);
        sent = true;
        if (written.length > 0) onEvent({ kind: 'published', resource: resource.plan.id, written });
        if (refusals.length === 0) resource.refused = undefined;
        else refuse(resource, refusals);
      },
      (error) => refuse(resource, [error]),
    );
    sending.delete(resource);
    if (!sent && !changed.has(resource)) changed.set(resource, since ?? elapsed());
  }

  function refuse(resource: ResourceState, refusals: readonly RequestProblem[]): void {
    const why = refusals.map(({ message }) => message).join('; ');
    const attempt = (resource.refused?.attempt ?? 0) + 1;
    const retryMs = pauseAfter(attempt, ...REFUSED);
    resource.refused = { why, attempt, until: elapsed() + retryMs };
    changed.set(resource, elapsed());
    if (refusals.some(({ code }) => code === 'invalid-resource')) onInvalid();
    onEvent({ kind: 'publish-refused', resource: resource.plan.id, why, retryMs });
  }

  async function leave(id: string): Promise<void> {
    if (backoff.wait(elapsed()) > 0) return;
    await talk(
      async () => {
        await withdraw(client, manager, id);
        leaving.delete(id);
        onWithdrawn(id);
        onEvent({ kind: 'withdrawn', resource: id });
      },
      (error) => {
        // It is somebody else's by now: there is nothing to take away.
        leaving.delete(id);
        onWithdrawn(id);
        onEvent({ kind: 'publish-refused', resource: id, why: error.message, retryMs: 0 });
      },
    );
  }

  function isReady(resource: ResourceState, since: number, urgent: boolean): boolean {
    if (sending.has(resource)) return false;
    if (resource.refused !== undefined && resource.refused.until > elapsed()) return false;
    const quiet = isComplete(resource) && [...resource.tasks.values()].every(({ running }) => running === undefined);
    return urgent || quiet || elapsed() - since >= SETTLE;
  }

  return {
    put(resource) {
      if (!changed.has(resource)) changed.set(resource, elapsed());
      leaving.delete(resource.plan.id);
      // It is another document than the one that was refused.
      if (resource.refused !== undefined)
        resource.refused = { ...resource.refused, until: Math.min(resource.refused.until, elapsed() + SETTLE) };
    },
    remove(id) {
      for (const resource of changed.keys()) if (resource.plan.id === id) changed.delete(resource);
      leaving.add(id);
    },
    async flush(urgent) {
      const ready = [...changed].filter(([resource, since]) => isReady(resource, since, urgent)).map(([resource]) => resource);
      await Promise.all([
        ...[...leaving].filter((id) => ![...sending].some(({ plan }) => plan.id === id)).map((id) => requests.run(() => leave(id))),
        ...ready.map((resource) => requests.run(() => send(resource))),
      ]);
    },
    async renew(resources) {
      if (backoff.wait(elapsed()) > 0) return;
      await talk(
        async () => {
          const renewed = await renewLeases(client, manager, resources, now());
          for (const resource of renewed.lost) changed.set(resource, elapsed());
          if (renewed.resources > 0) onEvent({ kind: 'renewed', ...renewed, lost: renewed.lost.length });
        },
        (error) => onEvent({ kind: 'publish-refused', resource: 'leases', why: error.message, retryMs: 0 }),
      );
    },
    get empty() {
      return changed.size === 0 && leaving.size === 0 && sending.size === 0;
    },
  };
}
