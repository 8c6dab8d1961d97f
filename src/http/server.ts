/** A server around the app: its sockets, their time-outs and their end. */
import { setMaxListeners } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Directory } from '../directory/index.js';
import { Problem } from '../model/index.js';
import { createApp } from './app.js';
import { bornExpress } from './born-express.js';
import type { HttpContext } from './context.js';
import type { HttpEvent } from './events.js';
import { countFailures } from './failures.js';
import { inFlight } from './in-flight.js';
import { checkAddress, type ListenAddress } from './listen-address.js';
import { createLoad } from './load.js';
import { createMetrics } from './metrics.js';
import { type HttpOptions, settingsOf } from './options.js';
import { rawProblem } from './problem-response.js';
import { ClientGone } from './read-body.js';
import { routes } from './routes/index.js';

/** Node keeps the response that a socket is busy with here; there is no other way to ask. */
type Answering = Socket & { readonly _httpMessage?: ServerResponse | null };

/** ms between two looks for connections that have become idle while the server closes */
const IDLE_CHECK = 20;

export interface HttpServer {
  /** Resolves when connections are taken; rejects when the address is in use or not allowed. */
  listen(address?: ListenAddress): Promise<{ readonly host: string; readonly port: number; readonly url: string }>;
  /**
   * Says "not ready", stops accepting, finishes what was accepted, then closes; connections still busy after `grace` ms are cut.
   * The directory is left open: it belongs to whoever made it.
   */
  close(graceMs?: number): Promise<{ readonly cut: number }>;
  /** for those who bring their own sockets */
  readonly node: Server;
}

export function createServer(directory: Directory, options: HttpOptions = {}): HttpServer {
  const asked = settingsOf(options);
  const metrics = asked.metrics ? createMetrics(() => context) : undefined;
  const onEvent = (event: HttpEvent) => {
    metrics?.observe(event);
    asked.onEvent(event);
  };
  const context: HttpContext = {
    directory,
    settings: { ...asked, onEvent },
    intake: { held: 0 },
    draining: false,
    closing: closingController(),
    inFlight: inFlight(),
    load: asked.load === undefined ? undefined : createLoad(asked.load, onEvent),
    failures: asked.failures === undefined ? undefined : countFailures(asked.failures),
  };
  const { limits, times } = asked;
  const app = createApp(context, routes([...asked.routes, ...(metrics === undefined ? [] : [metrics.route])]));

  const server = createHttpServer(
    {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: times.headers,
      requestTimeout: times.request,
      keepAliveTimeout: times.keepAlive,
      connectionsCheckingInterval: times.check,
      noDelay: true,
      insecureHTTPParser: false,
      ...bornExpress(app),
    },
    app,
  );
  server.maxConnections = limits.connections;
  // Beyond the limit Node would forget headers silently; `screen` refuses the request instead.
  server.maxHeadersCount = 0;
  // A socket on which nothing moves belongs to somebody dead or asleep, unless it is us who are at work.
  server.setTimeout(times.patience, (socket: Socket) => {
    const answering = (socket as Answering)._httpMessage;
    const ours = answering?.req.complete === true && !answering.headersSent && socket.writableLength === 0;
    if (ours) socket.setTimeout(times.patience);
    else if (answering) answering.destroy(new ClientGone());
    else socket.destroy();
  });
  // The body is asked for when somebody reads it, so that a refusal comes before `100 Continue`.
  server.on('checkContinue', app);
  server.on('checkExpectation', app);
  server.on('connect', (_request: IncomingMessage, socket: Socket) =>
    refuse(socket, new Problem('method-not-allowed', { detail: 'this is no proxy' })),
  );
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return socket.destroy();
    refuse(socket, malformed(error));
  });
  server.on('drop', (connection) =>
    onEvent({ kind: 'dropped', ...(connection?.remoteAddress === undefined ? {} : { remote: connection.remoteAddress }) }),
  );

  function refuse(socket: Socket, problem: Problem): void {
    onEvent({
      kind: 'malformed',
      status: problem.status,
      reason: problem.message,
      ...(socket.remoteAddress === undefined ? {} : { remote: socket.remoteAddress }),
    });
    // A request on this connection may be half answered: then more bytes would be taken for a part of that answer.
    const busy = (socket as Answering)._httpMessage;
    if (busy?.headersSent) socket.destroySoon();
    else socket.end(rawProblem(problem), () => socket.destroySoon());
  }

  return {
    node: server,

    async listen(address = {}) {
      const { host, port } = checkAddress(address);
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          resolve();
        });
      });
      const bound = server.address() as AddressInfo;
      onEvent({ kind: 'listening', host: bound.address, port: bound.port });
      return {
        host: bound.address,
        port: bound.port,
        url: `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`,
      };
    },

    async close(graceMs = times.grace) {
      context.draining = true;
      context.closing.abort();
      onEvent({ kind: 'draining' });
      // Those under way are told that theirs is the last answer on this connection.
      for (const response of context.inFlight) if (!response.headersSent) response.setHeader('Connection', 'close');
      let cut = 0;
      await new Promise<void>((resolve) => {
        // A connection whose answer had begun before does not know, and would wait for another request.
        const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK);
        const over = setTimeout(() => {
          server.getConnections((_error, count) => {
            cut = count ?? 0;
            server.closeAllConnections();
          });
        }, graceMs);
        // Takes no new connections, and closes those that wait for a request.
        server.close(() => {
          clearInterval(idle);
          clearTimeout(over);
          resolve();
        });
      });
      metrics?.close();
      context.load?.close();
      onEvent({ kind: 'closed', cut });
      return { cut };
    },
  };
}

/** As many listen as there are readers of what goes on. */
function closingController(): AbortController {
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  return closing;
}

/** Node's name for what it could not read → how we say it. */
function malformed(error: NodeJS.ErrnoException): Problem {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return new Problem('headers-too-large', {
        detail: 'the address and the headers of the request are too long',
        hint: 'long questions go into the body of POST /discover',
      });
    case 'HPE_INVALID_METHOD':
      return new Problem('unknown-method', { detail: 'the method of the request is unknown' });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Problem('request-timeout', {});
    default:
      return new Problem('bad-request', { detail: 'the bytes are no HTTP/1.1 request' });
  }
}
