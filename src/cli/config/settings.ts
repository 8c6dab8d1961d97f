/**
 * Everything that can be set. A setting has one name: `max-bytes` is the flag `--max-bytes`, the variable
 * `FACETRY_MAX_BYTES` and the key `max-bytes` of a configuration file.
 */
import { z } from 'zod';
import { DISCOVERY_BUDGET } from '../../directory/budget.js';
import { HTTP_LIMITS } from '../../http/options.js';
import { DOCUMENT_LIMITS, isScope } from '../../model/index.js';

export const OUTPUTS = ['xml', 'json', 'yaml', 'table', 'name', 'value'] as const;
export type Output = (typeof OUTPUTS)[number];

/** Flags and variables are text, files hold typed values: both are read. */
const whole = (least: number) => {
  const error = `must be a whole number from ${least}`;
  return z
    .union([z.number(), z.string().regex(/^\d+$/, { error }).transform(Number)], { error })
    .refine((value) => Number.isInteger(value) && value >= least, { error });
};
const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };
const NO_SIZE = 'must be a size such as 2097152 or 2MiB';
const size = z
  .union([z.number().int().min(1, { error: NO_SIZE }), z.string().regex(/^\d+\s*(?:[kmg](?:i?b)?)?$/i, { error: NO_SIZE })], {
    error: NO_SIZE,
  })
  .transform((value) => {
    if (typeof value === 'number') return value;
    const [, digits, unit] = /^(\d+)\s*([kmg]?)/i.exec(value) as unknown as [string, string, string];
    return Number(digits) * (UNITS[unit.toLowerCase()] as number);
  });
const flag = z.union([z.boolean(), z.stringbool()], { error: 'must be true or false' });
const oneOf = <const T extends readonly string[]>(values: T) => z.enum(values, { error: `must be one of ${values.join(', ')}` });
const address = z.string().refine((text) => /^(?:\[[0-9a-f:.%]+\]|[^\s:[\]]+):\d{1,5}$/i.test(text), { error: 'must be HOST:PORT' });
const NO_RATE = 'must be a number of requests a second or a minute, such as 50/s or 600/m';
const rate = z
  .string({ error: NO_RATE })
  .regex(/^[1-9]\d{0,8}\/[sm]$/, { error: NO_RATE })
  .transform((text) => ({ windowMs: text.endsWith('s') ? 1000 : 60_000, requests: Number.parseInt(text, 10) }));
const auth = z.string().refine((text) => /^(?:open|(?:tokens|oidc):.+)$/.test(text), { error: 'must be open, tokens:FILE or oidc:FILE' });
const scope = z.string().refine(isScope, { error: 'must be a scope such as /a/b' });
const url = z
  .string()
  .refine((text) => /^https?:\/\//.test(text) && URL.canParse(text), { error: 'must be an http:// or https:// address' });

const NO_SITES = 'must be http:// addresses separated by commas, such as http://127.0.0.1:5000';
const plainSites = z
  .string({ error: NO_SITES })
  .transform((text) => text.split(',').map((one) => one.trim()))
  .refine((all) => all.every((one) => /^http:\/\//.test(one) && URL.canParse(one)), { error: NO_SITES })
  .transform((all) => all.map((one) => new URL(one).origin));

interface Setting {
  readonly about: string;
  /** how its value is called in help; undefined: a switch */
  readonly value?: string;
  readonly read: z.ZodType;
  readonly fallback?: unknown;
  /** the commands that heed it; undefined: all */
  readonly of?: readonly string[];
}

const setting = <const S extends Setting>(one: S): S => one;
/** The commands that ask a directory. */
const data =
  'serve publish get list remove discover explain interfaces doctor facet scope patch apply diff watch site credential appliance implementation image cluster clusters keep keeper'.split(
    ' ',
  );
const vault = ['serve', 'credential', 'image', 'cluster', 'clusters'];
const store = ['serve', 'check', 'backup', 'restore', 'doctor'];

export const SETTINGS = {
  url: setting({ about: 'the directory to talk to', value: 'URL', read: url, fallback: 'http://127.0.0.1:8080' }),
  output: setting({ about: 'how results are printed', value: 'FORM', read: oneOf(OUTPUTS) }),
  color: setting({ about: 'colours', value: 'WHEN', read: oneOf(['auto', 'always', 'never']), fallback: 'auto' }),
  quiet: setting({ about: 'no progress, no notices', read: flag, fallback: false }),
  'token-file': setting({
    about: 'file that holds the token to send; the variable FACETRY_TOKEN may hold the token itself',
    value: 'FILE',
    read: z.string().min(1),
    of: data,
  }),
  scope: setting({ about: 'operate in this scope only', value: 'SCOPE', read: scope, of: data }),
  'request-timeout': setting({ about: 'seconds a request may take', value: 'SECONDS', read: whole(1), fallback: 60 }),
  store: setting({ about: 'where the data is', value: 'URL', read: z.string().min(1), fallback: 'embedded:./data', of: store }),
  journal: setting({
    about: 'folder of the journal of a store in BaseX; --data DIR beside --store basex: is short for it',
    value: 'DIR',
    read: z.string().min(1),
    fallback: './data',
    of: ['serve', 'copy'],
  }),
  'basex-password-file': setting({
    about: 'file that holds the password for BaseX; the variable FACETRY_BASEX_PASSWORD may hold the password itself',
    value: 'FILE',
    read: z.string().min(1),
    of: ['serve', 'copy'],
  }),
  'when-basex-away': setting({
    about: 'while BaseX is away: refuse writes, or journal them until it is back',
    value: 'WHAT',
    read: oneOf(['refuse', 'journal']),
    fallback: 'refuse',
    of: ['serve'],
  }),
  listen: setting({ about: 'where the server listens', value: 'HOST:PORT', read: address, fallback: '127.0.0.1:8080', of: ['serve'] }),
  auth: setting({
    about: 'who may do what: open (everybody everything), tokens:FILE or oidc:FILE',
    value: 'MODE',
    read: auth,
    fallback: 'open',
    of: ['serve'],
  }),
  'read-rule': setting({
    about: 'exact: a caller in /a/b sees /a/b; inherit: it sees /a too',
    value: 'RULE',
    read: oneOf(['exact', 'inherit']),
    fallback: 'exact',
    of: ['serve'],
  }),
  audit: setting({ about: 'file to which each write is noted: who, what, where', value: 'FILE', read: z.string().min(1), of: ['serve'] }),
  'insecure-open': setting({
    about: 'listen beyond this machine although everybody there may write',
    read: flag,
    fallback: false,
    of: ['serve'],
  }),
  facets: setting({
    about: 'folder of facet interfaces: DIR/*/*.xsd (default: the shipped ones)',
    value: 'DIR',
    read: z.string().min(1),
    of: ['serve', 'validate', 'check'],
  }),
  'log-format': setting({
    about: 'logs for programs or for people (default: pretty on a terminal)',
    value: 'FORM',
    read: oneOf(['json', 'pretty']),
    of: ['serve', 'clusters', 'keep'],
  }),
  'log-level': setting({
    about: 'what is logged at least',
    value: 'LEVEL',
    read: oneOf(['debug', 'info', 'warn', 'error', 'silent']),
    fallback: 'info',
    of: ['serve', 'clusters', 'keep'],
  }),
  'access-log': setting({ about: 'log every request, not only failures', read: flag, fallback: false, of: ['serve'] }),
  'max-bytes': setting({
    about: 'size of a document',
    value: 'SIZE',
    read: size,
    fallback: DOCUMENT_LIMITS.bytes,
    of: ['serve', 'validate', 'check'],
  }),
  'max-depth': setting({
    about: 'element depth of a document',
    value: 'N',
    read: whole(1),
    fallback: DOCUMENT_LIMITS.depth,
    of: ['serve', 'validate', 'check'],
  }),
  'max-elements': setting({
    about: 'elements in a document',
    value: 'N',
    read: whole(1),
    fallback: DOCUMENT_LIMITS.elements,
    of: ['serve', 'validate', 'check'],
  }),
  'max-bulk-bytes': setting({ about: 'size of a bulk request', value: 'SIZE', read: size, fallback: HTTP_LIMITS.bulkBytes, of: ['serve'] }),
  'max-connections': setting({
    about: 'connections at once',
    value: 'N',
    read: whole(1),
    fallback: HTTP_LIMITS.connections,
    of: ['serve'],
  }),
  'max-in-flight': setting({
    about: 'requests under way at once; further ones are told to come again; 0: no bound',
    value: 'N',
    read: whole(0),
    fallback: 800,
    of: ['serve'],
  }),
  'max-concurrent': setting({ about: 'requests of one caller under way at once', value: 'N', read: whole(1), of: ['serve'] }),
  'max-watches': setting({ about: 'watches and long polls of one caller at once', value: 'N', read: whole(1), of: ['serve'] }),
  'max-lag': setting({
    about: 'milliseconds the server may run late before it refuses further requests; 0: no bound',
    value: 'MS',
    read: whole(0),
    fallback: 1000,
    of: ['serve'],
  }),
  'rate-limit': setting({ about: 'requests of one caller, such as 50/s or 600/m', value: 'N/s', read: rate, of: ['serve'] }),
  'max-auth-failures': setting({
    about: 'wrong tokens from one address in a minute; 0: no bound',
    value: 'N',
    read: whole(0),
    fallback: 30,
    of: ['serve'],
  }),
  'lease-grace': setting({
    about: 'seconds after its TTL before a facet that nobody renews is removed',
    value: 'SECONDS',
    read: whole(0),
    fallback: 60,
    of: ['serve'],
  }),
  'self-scope': setting({
    about: 'publish a resource that describes this directory into the scope, with a lease (default: none)',
    value: 'SCOPE',
    read: scope,
    of: ['serve'],
  }),
  'query-timeout': setting({
    about: 'milliseconds a question may take',
    value: 'MS',
    read: whole(1),
    fallback: DISCOVERY_BUDGET.time,
    of: ['serve'],
  }),
  clusters: setting({ about: 'keep clusters too, as facetry clusters does', read: flag, fallback: false, of: ['serve'] }),
  'check-interval': setting({
    about: 'seconds between two times that sites look after their stacks; 0: never',
    value: 'SECONDS',
    read: whole(0),
    fallback: 3600,
    of: ['serve', 'clusters'],
  }),
  'plain-sites': setting({
    about: 'addresses of sites without TLS, separated by commas, that callers with tokens may store credentials for',
    value: 'URLS',
    read: plainSites,
    of: ['serve'],
  }),
  quota: setting({ about: 'clusters that an owner may have at once', value: 'N', read: whole(0), of: ['serve', 'cluster'] }),
  state: setting({
    about: 'folder in which keepers keep what outlives them (default: $XDG_STATE_HOME/facetry/keepers)',
    value: 'DIR',
    read: z.string().min(1),
    of: ['keep'],
  }),
  metrics: setting({ about: 'where figures of keepers are told, at /metrics', value: 'HOST:PORT', read: address, of: ['keep'] }),
  vault: setting({
    about: 'folder of the secrets of sites and clusters',
    value: 'DIR',
    read: z.string().min(1),
    fallback: './vault',
    of: vault,
  }),
  'vault-key': setting({
    about: 'file with the key of the vault; the variable FACETRY_VAULT_MASTER_KEY may hold the key itself',
    value: 'FILE',
    read: z.string().min(1),
    fallback: './vault.key',
    of: vault,
  }),
  grace: setting({
    about: 'seconds to finish what was accepted when told to stop',
    value: 'SECONDS',
    read: whole(0),
    fallback: 10,
    of: ['serve'],
  }),
} as const;

export type SettingName = keyof typeof SETTINGS;
type Of<N extends SettingName> = z.output<(typeof SETTINGS)[N]['read']>;
/** Values of all settings; those without a default may be missing. */
export type Settings = {
  readonly [N in SettingName]: (typeof SETTINGS)[N] extends { readonly fallback: unknown } ? Of<N> : Of<N> | undefined;
};
/** Names as one may write them anywhere, `--data DIR` being short for `--store embedded:DIR`. */
export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

/** Who can set `data`: every command that heeds `store`. */
export const DATA_ABOUT = 'short for --store embedded:DIR; beside --store basex:, the folder of its journal';

export function variableOf(name: string): string {
  return `FACETRY_${name.toUpperCase().replaceAll('-', '_')}`;
}
