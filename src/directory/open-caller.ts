import type { Caller } from './directory.js';

/** Who everybody is in mode `open`: sees and may write everything. */
export const OPEN_CALLER: Caller = { principal: 'anyone' };
