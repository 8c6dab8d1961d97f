/** Every command, in the order of the help. A command's code is loaded when it is wanted: asking is quick, serving may take longer. */
import type { CommandSpec } from '../command.js';

const COMMANDS: Readonly<Record<string, () => Promise<CommandSpec>>> = {
  serve: async () => (await import('./serve.js')).serve,
  publish: async () => (await import('./publish.js')).publish,
  get: async () => (await import('./get.js')).get,
  list: async () => (await import('./list.js')).list,
  remove: async () => (await import('./remove.js')).remove,
  apply: async () => (await import('./apply.js')).apply,
  diff: async () => (await import('./diff.js')).diff,
  facet: async () => (await import('./facet.js')).facet,
  scope: async () => (await import('./scope.js')).scope,
  patch: async () => (await import('./patch.js')).patch,
  discover: async () => (await import('./discover.js')).discover,
  xquery: async () => (await import('./xquery.js')).xquery,
  resync: async () => (await import('./resync.js')).resync,
  watch: async () => (await import('./watch.js')).watch,
  explain: async () => (await import('./explain.js')).explain,
  interfaces: async () => (await import('./interfaces.js')).interfaces,
  validate: async () => (await import('./validate.js')).validate,
  xpath: async () => (await import('./xpath.js')).xpath,
  delegates: async () => (await import('./delegates.js')).delegates,
  delegate: async () => (await import('./delegate.js')).delegate,
  keep: async () => (await import('./keep.js')).keep,
  keeper: async () => (await import('./keeper.js')).keeper,
  'import-1g': async () => (await import('./import-1g.js')).import1g,
  check: async () => (await import('./check.js')).check,
  site: async () => (await import('./site.js')).site,
  credential: async () => (await import('./credential.js')).credential,
  appliance: async () => (await import('./appliance.js')).appliance,
  implementation: async () => (await import('./implementation.js')).implementation,
  image: async () => (await import('./image.js')).image,
  cluster: async () => (await import('./cluster.js')).cluster,
  clusters: async () => (await import('./clusters.js')).clusters,
  backup: async () => (await import('./backup.js')).backup,
  copy: async () => (await import('./copy.js')).copy,
  restore: async () => (await import('./restore.js')).restore,
  token: async () => (await import('./token.js')).token,
  config: async () => (await import('./config.js')).config,
  doctor: async () => (await import('./doctor.js')).doctor,
  completion: async () => (await import('./completion.js')).completion,
  version: async () => (await import('./version.js')).version,
};

/** The commands that these words may name; all of them when no word names one. */
export async function commandsFor(words: readonly string[]): Promise<readonly CommandSpec[]> {
  const named = Object.keys(COMMANDS).filter((name) => words.includes(name));
  return await Promise.all(
    (named.length > 0 ? named : Object.keys(COMMANDS)).map((name) => (COMMANDS[name] as () => Promise<CommandSpec>)()),
  );
}
