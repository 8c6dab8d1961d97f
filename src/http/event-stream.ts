/**
 * Server-Sent Events (HTML Living Standard §9.2):
 *
 *     id: MTIuMC4…
 *     event: update
 *     data: {"resource":"node-7","items":[…]}
 *
 * A block with an id alone moves a reader's place on and is no event to it.
 */
import type { Response } from 'express';
import type { HttpTimes } from './options.js';
import { ClientGone } from './read-body.js';
import { outlet } from './write-answer.js';

export const EVENT_STREAM = 'text/event-stream';

export interface ServerSentEvent {
  readonly id?: string;
  /** undefined: nothing but the id */
  readonly event?: string;
  readonly data?: unknown;
}

/** Text of one event. JSON has no line breaks of its own, so one line holds it. */
export function eventText({ id, event, data }: ServerSentEvent): string {
  const place = id === undefined ? '' : `id: ${id}\n`;
  return event === undefined ? `: alive\n${place}\n` : `${place}event: ${event}\ndata: ${JSON.stringify(data ?? {})}\n\n`;
}

/**
 * Sends events no faster than they are read. `cut` ends the stream over the head of a reader that takes nothing, telling it why.
 * Rejects with ClientGone when the reader goes.
 */
export function openEventStream(response: Response, times: HttpTimes) {
  response.setHeader('Content-Type', EVENT_STREAM);
  // Proxies and our own compression would keep events back until they have enough of them.
  response.setHeader('Cache-Control', 'no-cache, no-transform');
  response.setHeader('X-Accel-Buffering', 'no');
  const out = outlet(response, times);
  let ended = false;
  return {
    async send(events: AsyncIterable<ServerSentEvent>): Promise<void> {
      try {
        // The first bytes tell that the question was understood; a lost connection is opened again after a second.
        await out.write(Buffer.from('retry: 1000\n\n'));
        for await (const event of events) {
          if (ended) return;
          await out.write(Buffer.from(eventText(event)));
        }
      } catch (error) {
        if (ended && error instanceof ClientGone) return;
        if (response.headersSent) response.destroy();
        throw error;
      } finally {
        out.close();
        if (!ended && !response.destroyed) response.end();
        ended = true;
      }
    },
    cut(event: ServerSentEvent): void {
      if (ended) return;
      ended = true;
      response.end(eventText(event));
      setTimeout(() => response.destroy(), times.patience).unref();
    },
  };
}
