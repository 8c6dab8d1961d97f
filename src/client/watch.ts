/**
 * Watching a question: events as they come, and a connection that is opened again where it broke, by itself and for as long as
 * somebody listens.
 */
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { FoundNode } from './answers.js';
import { delay } from './delay.js';
import { RequestProblem, Unreachable } from './errors.js';
import type { Transport } from './transport.js';

/** The unit is the resource: it enters when the question begins to select something in it, and leaves with the last of that. */
export type WatchEvent =
  | { readonly kind: 'enter' | 'update'; readonly resource: string; readonly items: readonly FoundNode[]; readonly cursor: string }
  | { readonly kind: 'leave'; readonly resource: string; readonly cursor: string }
  /** of a question whose answer is no node-set; NaN and infinities come as text */
  | { readonly kind: 'value'; readonly value: string | number | boolean; readonly cursor: string }
  /** all that is selected has been told; from here on there are changes */
  | { readonly kind: 'ready'; readonly cursor: string }
  /** changes may have been missed: forget what was told, all that is selected follows */
  | { readonly kind: 'gap'; readonly reason: string };

export interface WatchOptions {
  readonly namespaces?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string | number | boolean>>;
  /** of the last event that was seen, also by another process: only what came after it is told */
  readonly cursor?: string;
  /** ends it */
  readonly signal?: AbortSignal;
  /** told when the connection is lost, before it is opened again */
  readonly onLost?: (error: unknown) => void;
  /** for tests */
  readonly random?: () => number;
}

/** ms without a sign of life after which the connection is given up: the directory gives one every 15 s */
const SILENCE = 45_000;
const BACKOFF = { first: 250, most: 10_000 };

export async function* watch(request: Transport, xpath: string, options: WatchOptions = {}): AsyncIterable<WatchEvent> {
  const { signal, onLost, random = Math.random } = options;
  let { cursor } = options;
  let known = false;
  let pause = BACKOFF.first;
  while (signal?.aborted !== true) {
    try {
      for await (const message of listen(request, xpath, options, cursor)) {
        known = true;
        pause = BACKOFF.first;
        cursor = message.id ?? cursor;
        if (message.event === 'end') {
          const { reason, detail } = JSON.parse(message.data) as { reason: string; detail?: string };
          if (reason === 'over-budget') throw new RequestProblem('query-over-budget', { detail }, { status: 200 });
          throw new Error(`the directory ended the stream: ${reason}`);
        }
        const event = eventOf(message);
        if (event !== undefined) yield event;
      }
      throw new Error('the directory ended the stream');
    } catch (error) {
      if (signal?.aborted) return;
      const refused = error instanceof RequestProblem && error.statedStatus !== 503 && error.statedStatus !== 429;
      if (refused && error.code === 'bad-request' && known && cursor !== undefined) {
        // Cursors end with the key they are sealed with.
        cursor = undefined;
        yield { kind: 'gap', reason: 'the directory does not know where this reader was' };
        continue;
      }
      // Who cannot even begin wants to know; who has begun waits for the directory to come back.
      if (refused || (!known && error instanceof Unreachable)) throw error;
      onLost?.(error);
      await delay(pause * (0.5 + random() / 2), signal).catch(() => undefined);
      pause = Math.min(pause * 2, BACKOFF.most);
    }
  }
}

async function* listen(
  request: Transport,
  xpath: string,
  { namespaces = {}, variables = {}, signal }: WatchOptions,
  cursor: string | undefined,
): AsyncIterable<EventSourceMessage> {
  const query = new URLSearchParams({ xpath });
  for (const [prefix, ns] of Object.entries(namespaces)) query.set(`ns.${prefix}`, ns);
  for (const [name, value] of Object.entries(variables))
    query.set(typeof value === 'string' ? `var.${name}` : `var.${name}:${typeof value}`, String(value));
  const silent = new AbortController();
  const response = await request(`/watch?${query}`, {
    headers: { Accept: 'text/event-stream, application/problem+json', ...(cursor === undefined ? {} : { 'Last-Event-ID': cursor }) },
    signal: signal === undefined ? silent.signal : AbortSignal.any([silent.signal, signal]),
  });
  const got: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => got.push(message) });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    for (;;) {
      timer = setTimeout(() => silent.abort(new Error('the directory has fallen silent')), SILENCE);
      const { done, value } = await reader.read();
      clearTimeout(timer);
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      yield* got.splice(0);
    }
  } finally {
    clearTimeout(timer);
    await reader.cancel().catch(() => undefined);
  }
}

function eventOf({ event, data, id = '' }: EventSourceMessage): WatchEvent | undefined {
  const said = JSON.parse(data) as { resource: string; items: readonly FoundNode[]; value: string | number | boolean; reason: string };
  switch (event) {
    case 'enter':
    case 'update':
      return { kind: event, resource: said.resource, items: said.items, cursor: id };
    case 'leave':
      return { kind: 'leave', resource: said.resource, cursor: id };
    case 'value':
      return { kind: 'value', value: said.value, cursor: id };
    case 'ready':
      return { kind: 'ready', cursor: id };
    case 'gap':
      return { kind: 'gap', reason: said.reason };
    default:
      // a newer directory may tell more
      return undefined;
  }
}
