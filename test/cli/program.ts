/** The command line under test: what `npm test` has just built, or the sources. Built code starts its workers ten times faster. */
import type * as Configuration from '../../src/cli/config/configuration.js';
import type * as Main from '../../src/cli/main.js';
import type * as Server from '../../src/cli/serve/server.js';

const from = process.env.FACETRY_TEST_BUILT === '1' ? '../../dist/cli' : '../../src/cli';

export const { run } = (await import(`${from}/main.js`)) as typeof Main;
export const { configure } = (await import(`${from}/config/configuration.js`)) as typeof Configuration;
export const { startServer } = (await import(`${from}/serve/server.js`)) as typeof Server;
export type { RunningServer } from '../../src/cli/serve/server.js';
