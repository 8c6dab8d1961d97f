import type { IncomingMessage } from 'node:http';
import type { Caller } from '../directory/index.js';
import { OPEN_CALLER } from '../directory/open-caller.js';

/**
 * Who asks? The one seam for tokens, certificates and scopes. It runs before the body is read or asked for;
 * it throws Problem `unauthorized` or `forbidden`.
 */
export type Authenticate = (request: IncomingMessage) => Caller | Promise<Caller>;

/** Everybody may do everything; for a directory that only its own machine can reach. */
export const openMode: Authenticate = () => OPEN_CALLER;
