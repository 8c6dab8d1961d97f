/** Heat's requests. Stacks are addressed by name and id: by name alone Heat redirects, and a body may get lost on the way. */
import type { Cloud } from './cloud.js';
import { SiteProblem } from './site-problem.js';

export interface Stack {
  readonly id: string;
  readonly stack_name: string;
  /** such as CREATE_IN_PROGRESS */
  readonly stack_status: string;
  readonly stack_status_reason?: string;
  readonly creation_time?: string;
  readonly updated_time?: string | null;
  readonly deletion_time?: string | null;
  readonly tags?: readonly string[] | null;
  /** what is secret in it is shown as ****** */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly outputs?: readonly StackOutput[];
}

export interface StackOutput {
  readonly output_key: string;
  readonly output_value: unknown;
  readonly description?: string;
  readonly output_error?: string;
}

export interface StackResource {
  readonly resource_name: string;
  readonly resource_type: string;
  readonly resource_status: string;
  readonly resource_status_reason?: string;
  readonly physical_resource_id?: string;
}

/** Names of resources, by what an update does to them. */
export interface StackChanges {
  readonly added: readonly string[];
  readonly updated: readonly string[];
  readonly replaced: readonly string[];
  readonly deleted: readonly string[];
}

export interface StackEvent {
  readonly id: string;
  readonly event_time: string;
  readonly resource_name: string;
  readonly resource_status: string;
  readonly resource_status_reason?: string;
}

export interface NewStack {
  readonly name: string;
  /** as text: read as YAML and written again, its version would become a date, which Heat refuses */
  readonly template: string;
  /** what the template draws on, by the names it uses */
  readonly files?: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly timeoutMinutes?: number;
  /** adopts what was abandoned: the text of an export */
  readonly adopt?: string;
}

/** A stack by name and id. */
export interface StackRef {
  readonly stack_name: string;
  readonly id: string;
}

export interface TemplateParameter {
  readonly Type: string;
  readonly Default?: unknown;
  readonly NoEcho?: string;
  readonly Description?: string;
}

/**
 * DELETE_COMPLETE alone is not the end: Heat says so before it has given back the project and the trust of the stack, and when that
 * fails it is DELETE_FAILED after all. The time of its deletion comes last.
 */
function isGone({ stack_status, deletion_time }: Stack): boolean {
  return stack_status === 'DELETE_COMPLETE' && typeof deletion_time === 'string';
}

const placeOf = ({ stack_name, id }: StackRef) => `/stacks/${encodeURIComponent(stack_name)}/${encodeURIComponent(id)}`;

function bodyOf({ name, template, files = {}, parameters, tags, timeoutMinutes, adopt }: NewStack): unknown {
  return {
    stack_name: name,
    ...(adopt === undefined ? { template } : { adopt_stack_data: adopt }),
    files,
    parameters,
    tags: tags.join(','),
    // what was made stays until somebody has looked at it; whether it is freed is decided by the cluster's own policy
    disable_rollback: true,
    ...(timeoutMinutes === undefined ? {} : { timeout_mins: timeoutMinutes }),
  };
}

/** Where nothing is said of a parameter or tag, Heat forgets it: so all of them are. */
function updateOf(wanted: NewStack): unknown {
  const { stack_name: _, ...rest } = bodyOf(wanted) as Record<string, unknown>;
  return rest;
}

export function heatOf(cloud: Cloud) {
  const call = (path: string, what: string, more: Parameters<Cloud['request']>[2] | object = {}) =>
    cloud.request('orchestration', path, { what, ...more });
  const json = <T>(path: string, what: string, more: object = {}) => cloud.json<T>('orchestration', path, { what, ...more });
  const gone = async (answer: Promise<unknown>) => {
    await answer.catch((error: unknown) => {
      if (!(error instanceof SiteProblem) || error.site !== 404) throw error;
    });
  };

  return {
    /** Which parameters a template has; rejects with what is wrong with it. */
    async validate(template: string, files: Readonly<Record<string, string>> = {}): Promise<Readonly<Record<string, TemplateParameter>>> {
      const answer = await json<{ Parameters?: Record<string, TemplateParameter> }>('/validate', 'validate the template', {
        method: 'POST',
        json: { template, files },
        harmless: true,
      });
      return answer.Parameters ?? {};
    },
    async preview(stack: NewStack): Promise<readonly StackResource[]> {
      const answer = await json<{ stack: { resources: readonly StackResource[] } }>('/stacks/preview', 'preview the stack', {
        method: 'POST',
        json: bodyOf(stack),
        harmless: true,
        secrets: Object.values(stack.parameters),
      });
      return answer.stack.resources;
    },
    /** Names of the kinds of resources that the site can make. */
    async resourceTypes(): Promise<readonly string[]> {
      return (await json<{ resource_types: readonly string[] }>('/resource_types', 'list the types of resources')).resource_types;
    },
    /** Resolves when Heat has taken it on. Not tried again: look whether it is there. Rejects with type StackExists when it is. */
    async create(stack: NewStack, secrets: readonly string[] = []): Promise<StackRef> {
      const what = `create the stack ${stack.name}`;
      const answer = await json<{ stack: { id: string } }>('/stacks', what, { method: 'POST', json: bodyOf(stack), secrets }).catch(
        (error) => {
          throw error instanceof SiteProblem && error.site === 403 && cloud.login.kind === 'v3applicationcredential'
            ? noTrust(what)
            : error;
        },
      );
      return { stack_name: stack.name, id: answer.stack.id };
    },
    /** The live stack of that name. */
    async find(name: string): Promise<Stack | undefined> {
      const { stacks } = await json<{ stacks: readonly Stack[] }>(`/stacks?name=${encodeURIComponent(name)}`, `look for the stack ${name}`);
      return stacks.find((one) => !isGone(one));
    },
    async show(stack: StackRef): Promise<Stack | undefined> {
      const what = `read the stack ${stack.stack_name}`;
      try {
        const found = (await json<{ stack: Stack }>(placeOf(stack), what)).stack;
        return isGone(found) ? undefined : found;
      } catch (error) {
        if (error instanceof SiteProblem && error.site === 404) return undefined;
        throw error;
      }
    },
    /** Live stacks that carry all these tags. */
    async list(tags: readonly string[]): Promise<readonly Stack[]> {
      const found: Stack[] = [];
      for (let marker = ''; ; ) {
        const query = new URLSearchParams({ tags: tags.join(','), limit: '100', ...(marker === '' ? {} : { marker }) });
        const { stacks } = await json<{ stacks: readonly Stack[] }>(`/stacks?${query}`, 'list the stacks');
        found.push(...stacks.filter((one) => !isGone(one)));
        if (stacks.length < 100) return found;
        marker = (stacks.at(-1) as Stack).id;
      }
    },
    async resources(stack: StackRef, depth = 2): Promise<readonly StackResource[]> {
      const what = `list the resources of ${stack.stack_name}`;
      return (await json<{ resources: readonly StackResource[] }>(`${placeOf(stack)}/resources?nested_depth=${depth}`, what)).resources;
    },
    async events(stack: StackRef, after?: string): Promise<readonly StackEvent[]> {
      const query = new URLSearchParams({ sort_dir: 'asc', nested_depth: '2', ...(after === undefined ? {} : { marker: after }) });
      const what = `read the events of ${stack.stack_name}`;
      return (await json<{ events: readonly StackEvent[] }>(`${placeOf(stack)}/events?${query}`, what)).events;
    },
    /** What an update would do to each of its resources; rejects with what is wrong with it. Changes nothing. */
    async previewUpdate(stack: StackRef, wanted: NewStack, secrets: readonly string[] = []): Promise<StackChanges> {
      const what = `preview the update of the stack ${stack.stack_name}`;
      const { resource_changes: all } = await json<{ resource_changes: Record<string, readonly StackResource[]> }>(
        `${placeOf(stack)}/preview`,
        what,
        { method: 'PUT', json: updateOf(wanted), harmless: true, secrets },
      );
      const names = (kind: string) => (all[kind] ?? []).map((one) => one.resource_name);
      return { added: names('added'), updated: names('updated'), replaced: names('replaced'), deleted: names('deleted') };
    },
    /** Makes the stack what is wanted, tags too; resolves when Heat has taken it on. One at a time. */
    async update(stack: StackRef, wanted: NewStack, secrets: readonly string[] = []): Promise<void> {
      await call(placeOf(stack), `update the stack ${stack.stack_name}`, { method: 'PUT', json: updateOf(wanted), secrets });
    },
    async act(stack: StackRef, action: 'check' | 'cancel_without_rollback'): Promise<void> {
      await call(`${placeOf(stack)}/actions`, `${action.replaceAll('_', ' ')} the stack ${stack.stack_name}`, {
        method: 'POST',
        json: { [action]: null },
      });
    },
    /** Asks Heat to delete; gone is as good. */
    remove: (stack: StackRef) => gone(call(placeOf(stack), `delete the stack ${stack.stack_name}`, { method: 'DELETE' })),
    /** Heat forgets the stack and leaves what it made; resolves, a moment before it is gone, to what adopts it again. Refused unless the site allows it. */
    async abandon(stack: StackRef): Promise<string> {
      return (await call(`${placeOf(stack)}/abandon`, `abandon the stack ${stack.stack_name}`, { method: 'DELETE', harmless: false })).text;
    },
  };
}

export type Heat = ReturnType<typeof heatOf>;

/** Heat makes a trust for every stack, which Keystone may forbid to application credentials; Heat passes the refusal on without a word. */
function noTrust(what: string): SiteProblem {
  return new SiteProblem(
    403,
    'Forbidden',
    `${what}: the site does not let this application credential make a trust, which Heat needs for every stack`,
    'use a v3password credential, or ask the operator of the site to allow trusts to application credentials',
  );
}
