/** The form of a keeper's file. What is read keeps the file's words; `read-config.ts` gives them their meaning. */
import { z } from 'zod';
import { isScope } from '../../model/index.js';
import { cronFault } from '../schedule.js';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const NO_DURATION = 'must be a time such as 500ms, 30s, 5m, 12h or 7d';

/** → ms */
const duration = z
  .string({ error: NO_DURATION })
  .regex(/^\d{1,9}(?:\.\d{1,3})?(?:ms|s|m|h|d)$/, { error: NO_DURATION })
  .transform((text) => Number.parseFloat(text) * (UNITS[text.replace(/^[\d.]+/, '')] as number));

const some = z.string({ error: 'must be text' }).trim().min(1, { error: 'must not be empty' });
const paths = z.union([some.transform((one) => [one]), z.array(some).min(1)], { error: 'must be a path, or a list of paths' });
const scope = z.string().refine(isScope, { error: 'must be a scope such as /infra' });
const cron = z.string().superRefine((text, context) => {
  const fault = cronFault(text);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: `is no cron expression: ${fault}` });
});
const timezone = z.string().refine(isTimezone, { error: 'must be the name of a time zone such as Europe/Rome' });

const scheduleParts = z
  .strictObject({
    cron: cron.optional(),
    timezone: timezone.optional(),
    every: duration.optional(),
    'on-change': paths.optional(),
    jitter: duration.optional(),
  })
  .refine((one) => one.cron !== undefined || one.every !== undefined || one['on-change'] !== undefined, {
    error: 'must say when: cron, every or on-change',
  })
  .refine((one) => typeof one.every !== 'number' || one.every >= 1000, { path: ['every'], error: 'must be at least 1s' });
/** A cron expression by itself, or `{ every: 30s, jitter: 5s }`, `{ cron: …, timezone: … }`, `{ on-change: [files] }`. */
const schedule = z.preprocess((value) => (typeof value === 'string' ? { cron: value } : value), scheduleParts);

const settings = z.record(z.string(), z.unknown(), { error: 'must be a map of names to values' });

const facet = z
  .strictObject({
    delegate: some,
    config: settings.optional(),
    schedule: schedule.optional(),
    ttl: duration.optional(),
    timeout: duration.optional(),
    critical: z.enum(['required', 'optional', 'keep-last-good'], { error: 'must be required, optional or keep-last-good' }).optional(),
    'max-age': duration.optional(),
  })
  .refine((one) => one['max-age'] === undefined || one.critical === 'keep-last-good', {
    path: ['max-age'],
    error: 'is heeded with critical: keep-last-good only',
  })
  .refine((one) => typeof one.ttl !== 'number' || one.ttl >= 5000, { path: ['ttl'], error: 'must be at least 5s' });

const resource = z.strictObject({
  id: some,
  name: some.optional(),
  description: some.optional(),
  scopes: z.array(scope).min(1).optional(),
  schedule: schedule.optional(),
  'for-each': z.strictObject({ delegate: some, config: settings.optional(), timeout: duration.optional() }).optional(),
  facets: z.array(facet, { error: 'must be a list such as [{ delegate: host }]' }).min(1),
});

export const keeperShape = z.strictObject({
  name: some,
  directory: z
    .strictObject({
      url: z
        .string()
        .refine((text) => /^https?:\/\//.test(text) && URL.canParse(text), { error: 'must be an http:// or https:// address' })
        .optional(),
      token: some.optional(),
      'token-file': some.optional(),
    })
    .optional(),
  schedule: schedule.optional(),
  scopes: z.array(scope).min(1, { error: 'must name a scope at least' }),
  delegates: z.strictObject({ folders: paths.optional(), packages: paths.optional() }),
  env: z.array(z.string().regex(/^\w+$/, { error: 'must be the name of a variable' })).optional(),
  leave: z.enum(['withdraw', 'expire', 'stay'], { error: 'must be withdraw, expire or stay' }).optional(),
  parallel: z.number().int().min(1).max(256).optional(),
  resources: z.array(resource, { error: 'must be a list of resources' }).min(1),
});

export type KeeperFile = z.infer<typeof keeperShape>;
export type ScheduleFile = z.infer<typeof scheduleParts>;

/** The keys that stand at each place, for hints; `*` stands for the number of an item. */
export const KEYS: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(keeperShape.shape),
  directory: ['url', 'token', 'token-file'],
  delegates: ['folders', 'packages'],
  schedule: Object.keys(scheduleParts.shape),
  'for-each': ['delegate', 'config', 'timeout'],
  'resources.*': Object.keys(resource.shape),
  'facets.*': Object.keys(facet.shape),
};

function isTimezone(text: string): boolean {
  try {
    Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}
