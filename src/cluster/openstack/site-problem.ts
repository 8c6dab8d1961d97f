import { Problem } from '../../model/index.js';

/** What a site said to a request it refused, or that it said nothing. `site` is the status it answered with, 0 for none. */
export class SiteProblem extends Problem {
  constructor(
    readonly site: number,
    /** Heat's word for it, such as StackExists */
    readonly type: string | undefined,
    detail: string,
    hint?: string,
    cause?: unknown,
  ) {
    super(site === 0 ? 'site-unreachable' : 'site-refused', { detail, cause, ...(hint === undefined ? {} : { hint }) });
    this.name = 'SiteProblem';
  }
}

const LONGEST = 2_000;

/**
 * Reads a refusal: JSON of Keystone (`{error:{message}}`) or of Heat (`{explanation,error:{type,message}}`), HTML of Glance.
 * `secrets` are taken out of what it says, since some services quote what they were sent.
 */
export function refusal(what: string, status: number, body: string, requestId: string | null, secrets: readonly string[]): SiteProblem {
  const { type, message } = said(body);
  const words = message === undefined || message === '' ? `it answered ${status} without a word` : `${status}: ${message}`;
  const from = requestId === null ? '' : ` (request ${requestId})`;
  return new SiteProblem(status, type, without(`${what}: ${words}${from}`, secrets));
}

export function without(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length > 3)
    .reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text)
    .slice(0, LONGEST);
}

function said(body: string): { readonly type?: string; readonly message?: string } {
  try {
    const json = JSON.parse(body) as {
      error?: { type?: string; message?: string; title?: string } | null;
      explanation?: string;
      message?: string;
    };
    const message = json.error?.message ?? json.message ?? (json.error?.type === undefined ? json.explanation : undefined);
    return {
      ...(json.error?.type === undefined ? {} : { type: json.error.type }),
      ...(message === undefined ? {} : { message: message.trim() }),
    };
  } catch {
    const plain = body
      .replace(/<(?:title|head)>.*?<\/(?:title|head)>/gis, ' ')
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim();
    return { message: plain.slice(0, 300) };
  }
}
