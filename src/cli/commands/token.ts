/** `facetry token`: tokens for mode `tokens`. */
import { resolve } from 'node:path';
import { stringify } from 'yaml';
import type { Caller } from '../../directory/index.js';
import { digestOf, newToken, PolicyFileError, ROLES, type Role, readTokens, type TokenEntry } from '../../http/auth/index.js';
import { readPolicyText } from '../../http/auth/policy-file.js';
import { isScope } from '../../model/index.js';
import { appendToken } from '../append-token.js';
import type { CommandSpec } from '../command.js';
import { credentials } from '../credentials.js';
import { Ended, EXIT, UsageError } from '../exit-code.js';
import { FileError } from '../output/file-error.js';
import { structured } from '../output/structured.js';
import { outputOf } from '../output-form.js';
import type { Session } from '../session.js';

type Options = Readonly<Record<string, unknown>>;

export const token: CommandSpec = {
  name: 'token',
  summary: 'Make a token for --auth tokens:FILE, or look up what one may do',
  description:
    'new: prints the token, which is kept nowhere, on standard output, and the entry that stands for it on standard error.\ncheck: takes the token from FACETRY_TOKEN or standard input, and tells what the file says of it; exit code 6 when it opens nothing.',
  arguments: [
    { form: '<ACTION>', about: 'new or check', choices: ['new', 'check'] },
    { form: '<NAME>', about: 'new: who will use it; check: the file' },
  ],
  options: [
    ['--scope <SCOPE>', 'new: a scope it operates in, with all below for writing (repeatable)', { repeatable: true }],
    ['--role <ROLE>', `new: ${ROLES.join(', ')} (repeatable; default: consumer)`, { repeatable: true }],
    [
      '--facet <NAMESPACE>',
      'new: it may write facets of this namespace, or of those that begin so (urn:x*) (repeatable)',
      { repeatable: true },
    ],
    ['--expires <WHEN>', 'new: after so long (90d, 12h) or at a date (2027-01-01)'],
    ['--append <FILE>', 'new: add the entry to this file'],
  ],
  examples: [
    ['facetry token new site-a --scope /infra/a --role publisher --append tokens.yaml', 'for a producer'],
    ['facetry token new ops --role admin --expires 90d', 'for an operator, of everything'],
    ['facetry token check tokens.yaml < token', 'what may it do?'],
  ],
  async run(session, [action, name], options) {
    if (action === 'new') await create(session, String(name), options);
    else await check(session, String(name));
  },
};

async function create(session: Session, name: string, options: Options): Promise<void> {
  const form = outputOf(session, ['value', 'yaml', 'json']);
  const entry = { name, ...rightsOf(options, Date.now()) };
  const { token, sha256 } = newToken();
  const whole: TokenEntry = { ...entry, sha256 };
  // Refused here as the server would refuse it.
  try {
    readTokens('the entry', stringify({ tokens: [whole] }));
  } catch (error) {
    if (error instanceof PolicyFileError) throw new UsageError(error.violations.map(({ message }) => message).join('; '));
    throw error;
  }
  if (options.append !== undefined) appendToken(resolve(session.terminal.cwd, String(options.append)), whole);
  if (form !== 'value') return await session.print(structured(form, { token, entry: whole }));
  await session.print(`${token}\n`);
  if (options.append === undefined)
    session.note(`# the entry for the file of --auth tokens:FILE\n${stringify([whole], { lineWidth: 0 }).trimEnd()}`);
  else session.note(`${name} was added to ${String(options.append)}`);
}

function rightsOf(options: Options, now: number): Omit<TokenEntry, 'name' | 'sha256'> {
  const scopes = options.scope as readonly string[] | undefined;
  const roles = (options.role ?? ['consumer']) as readonly string[];
  const facets = options.facet as readonly string[] | undefined;
  const wrongScope = scopes?.find((scope) => !isScope(scope));
  if (wrongScope !== undefined) throw new UsageError(`--scope must be a scope such as /a/b, not "${wrongScope}"`);
  const wrongRole = roles.find((role) => !(ROLES as readonly string[]).includes(role));
  if (wrongRole !== undefined) throw new UsageError(`--role must be one of ${ROLES.join(', ')}, not "${wrongRole}"`);
  if (scopes === undefined && !roles.includes('admin')) throw new UsageError('--scope is missing', 'only an admin may go without');
  return {
    ...(scopes === undefined ? {} : { scopes: [...scopes] }),
    roles: roles as Role[],
    ...(facets === undefined ? {} : { facets: [...facets] }),
    ...(options.expires === undefined ? {} : { expires: momentOf(String(options.expires), now) }),
  };
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90d`, `12h`, `30m` from now, or a date, as a moment in UTC. */
function momentOf(text: string, now: number): string {
  const [, count, unit] = /^([1-9]\d{0,5})([mhd])$/.exec(text) ?? [];
  const at = unit === undefined ? Date.parse(text) : now + Number(count) * (UNITS[unit] as number);
  if (Number.isNaN(at) || (unit === undefined && !/^\d{4}-\d\d-\d\d/.test(text)))
    throw new UsageError(`--expires must be such as 90d, 12h or 2027-01-01, not "${text}"`);
  if (at <= now) throw new UsageError(`--expires: ${text} is over`);
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}

async function check(session: Session, name: string): Promise<void> {
  const form = outputOf(session, ['yaml', 'json']);
  const path = resolve(session.terminal.cwd, name);
  const token = credentials(session.configuration, session.terminal).token ?? (await piped(session));
  const known = (() => {
    try {
      return readTokens(path, readPolicyText(path).text).get(digestOf(String(token)));
    } catch (error) {
      if (error instanceof PolicyFileError) throw new FileError(name, '', error.violations);
      throw error;
    }
  })();
  if (known === undefined) {
    session.say(`${session.colors.err.red('error')}: ${name} does not know this token`);
    throw new Ended(EXIT.forbidden);
  }
  const expired = known.expires !== undefined && known.expires <= Date.now();
  await session.print(structured(form, rightsIn(known.caller, known.expires)));
  if (!expired) return;
  session.say(`${session.colors.err.red('error')}: the token has expired`);
  throw new Ended(EXIT.forbidden);
}

async function piped({ terminal }: Session): Promise<string> {
  if (terminal.stdin.isTTY === true) throw new UsageError('there is no token', 'set FACETRY_TOKEN, or pipe it: … < token');
  const chunks: Buffer[] = [];
  for await (const chunk of terminal.stdin) chunks.push(Buffer.from(chunk as Buffer));
  return Buffer.concat(chunks).toString('utf8').trim();
}

/** In words: what the server will make of it. */
function rightsIn({ principal, scopes, publishes, facets, admin, analyst }: Caller, expires: number | undefined) {
  return {
    principal,
    operates: scopes ?? 'everywhere',
    writes: publishes ?? 'everywhere',
    facets: facets ?? 'any',
    admin: admin === true,
    reports: analyst === true,
    ...(expires === undefined ? {} : { expires: new Date(expires).toISOString() }),
  };
}
