import { expect } from 'chai';
import { type Action, type ClusterState, type SeenStack, step } from '../../src/cluster/index.js';

const NOW = new Date('2026-03-01T12:00:00Z');
const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1000);
const held = { holders: { holder: [{ leaseId: 'l', owner: 'ada', expiresAt: ago(-60) }] } };
const cluster = (more: Partial<ClusterState>): ClusterState => ({
  implementationRef: 'i',
  siteRef: 's',
  status: 'requested',
  stackName: 'n',
  statusSince: ago(10),
  updatedAt: ago(10),
  timeoutSeconds: 100,
  ...held,
  ...more,
});
const stack = (status: string, more: Partial<SeenStack> = {}): SeenStack => ({ id: '1', status, reason: `because ${status}`, ...more });
const unheld = { holders: undefined };

type Row = readonly [
  what: string,
  state: Partial<ClusterState>,
  seen: SeenStack | undefined,
  expected: Partial<Record<keyof ClusterState, unknown>>,
  action?: Action,
];

const ROWS: readonly Row[] = [
  ['what is requested will be created', {}, undefined, { status: 'creating', attempt: 1 }],
  ['without a stack one is made', { status: 'creating' }, undefined, { status: 'creating' }, 'create'],
  ['a stack that a crashed process made is adopted', { status: 'creating' }, stack('CREATE_IN_PROGRESS'), { stackId: '1' }],
  ['a stack that came to be is published', { status: 'creating' }, stack('CREATE_COMPLETE'), { status: 'creating' }, 'publish'],
  ['one that vanishes is not made again', { status: 'creating', stackId: '1' }, undefined, { status: 'failed' }],
  [
    'a failure is kept',
    { status: 'creating' },
    stack('CREATE_FAILED'),
    { status: 'failed', reason: 'because CREATE_FAILED', clearing: undefined },
  ],
  ['… or cleared', { status: 'creating', onFailure: 'delete' }, stack('CREATE_FAILED'), { status: 'failed', clearing: true }],
  [
    '… or tried again',
    { status: 'creating', attempt: 1, onFailure: 'retry', retries: 1 },
    stack('CREATE_FAILED'),
    { status: 'creating', clearing: true },
  ],
  [
    '… but not for ever',
    { status: 'creating', attempt: 2, onFailure: 'retry', retries: 1 },
    stack('CREATE_FAILED'),
    { status: 'failed', clearing: true },
  ],
  ['what a try left is freed', { status: 'creating', clearing: true }, stack('CREATE_FAILED'), { status: 'creating' }, 'remove'],
  ['… waited for', { status: 'creating', clearing: true }, stack('DELETE_IN_PROGRESS'), { status: 'creating' }],
  [
    '… and made again',
    { status: 'creating', clearing: true, attempt: 1, stackId: '1' },
    undefined,
    { attempt: 2, clearing: undefined, stackId: undefined },
  ],
  ['in time it is waited for', { status: 'creating' }, stack('CREATE_IN_PROGRESS'), { status: 'creating' }],
  ['late, it is cancelled', { status: 'creating', statusSince: ago(101) }, stack('CREATE_IN_PROGRESS'), { status: 'creating' }, 'cancel'],
  ['very late, it has failed', { status: 'creating', statusSince: ago(161) }, stack('CREATE_IN_PROGRESS'), { status: 'failed' }],
  ['ready stays ready', { status: 'ready' }, stack('CREATE_COMPLETE'), { status: 'ready' }],
  [
    'a change by others is published',
    { status: 'ready' },
    stack('UPDATE_COMPLETE', { changed: ago(5).toISOString() }),
    { status: 'ready' },
    'publish',
  ],
  ['an update by others is shown', { status: 'ready' }, stack('UPDATE_IN_PROGRESS'), { status: 'updating' }],
  ['a check by others is shown', { status: 'ready' }, stack('CHECK_IN_PROGRESS'), { status: 'checking' }],
  ['after which it is published', { status: 'updating' }, stack('UPDATE_COMPLETE'), { status: 'updating' }, 'publish'],
  ['a change of ours is asked for', { status: 'updating', updateId: 'u' }, stack('CREATE_COMPLETE'), { status: 'updating' }, 'update'],
  ['… also where the site has failed before', { status: 'updating', updateId: 'u' }, stack('CREATE_FAILED'), {}, 'update'],
  ['… and where it has taken on another', { status: 'updating', updateId: 'u' }, stack('UPDATE_COMPLETE', { update: 'v' }), {}, 'update'],
  ['… not while others change it', { status: 'updating', updateId: 'u' }, stack('UPDATE_IN_PROGRESS'), { status: 'updating' }],
  ['… not while it is being looked after', { status: 'updating', updateId: 'u' }, stack('CHECK_IN_PROGRESS'), { status: 'updating' }],
  ['… waited for once it is taken on', { status: 'updating', updateId: 'u' }, stack('UPDATE_IN_PROGRESS', { update: 'u' }), {}],
  ['… published when it is done', { status: 'updating', updateId: 'u' }, stack('UPDATE_COMPLETE', { update: 'u' }), {}, 'publish'],
  [
    '… and what it broke is kept, whatever the policy for what could not be made',
    { status: 'updating', updateId: 'u', onFailure: 'delete' },
    stack('UPDATE_FAILED', { update: 'u' }),
    { status: 'failed', reason: 'because UPDATE_FAILED', clearing: undefined, updateId: undefined },
  ],
  [
    '… late, it is cancelled',
    { status: 'updating', updateId: 'u', statusSince: ago(101) },
    stack('UPDATE_IN_PROGRESS', { update: 'u' }),
    { status: 'updating' },
    'cancel',
  ],
  [
    '… very late, it has failed',
    { status: 'updating', updateId: 'u', statusSince: ago(161) },
    stack('UPDATE_IN_PROGRESS', { update: 'u' }),
    { status: 'failed', reason: 'not changed within 100 s' },
  ],
  [
    '… late and not taken on, it is not asked for any more',
    { status: 'updating', updateId: 'u', statusSince: ago(101) },
    stack('CREATE_COMPLETE'),
    { status: 'failed', updateId: undefined },
  ],
  ['… and without its stack it has failed', { status: 'updating', updateId: 'u' }, undefined, { status: 'failed', updateId: undefined }],
  [
    '… or it is freed, if that comes first',
    { status: 'updating', updateId: 'u', ...unheld, idleSince: ago(1) },
    stack('UPDATE_IN_PROGRESS', { update: 'u' }),
    { status: 'releasing', updateId: undefined },
  ],
  ['a stack deleted behind our back is a failure', { status: 'ready' }, undefined, { status: 'failed' }],
  ['… also while it is being deleted', { status: 'ready' }, stack('DELETE_IN_PROGRESS'), { status: 'failed' }],
  ['a failed check is a failure', { status: 'checking' }, stack('CHECK_FAILED'), { status: 'failed', reason: 'because CHECK_FAILED' }],
  [
    'a lease that is over ends',
    { status: 'ready', holders: { holder: [{ leaseId: 'l', owner: 'a', expiresAt: ago(1) }] } },
    stack('CREATE_COMPLETE'),
    { status: 'releasing', freeReason: 'its last lease ran out', holders: undefined },
  ],
  [
    'what nobody holds waits for its idle time',
    { status: 'ready', ...unheld, idleSeconds: 60 },
    stack('CREATE_COMPLETE'),
    { status: 'ready', idleSince: NOW },
  ],
  [
    '… and is freed after it',
    { status: 'ready', ...unheld, idleSeconds: 60, idleSince: ago(60) },
    stack('CREATE_COMPLETE'),
    { status: 'releasing' },
  ],
  [
    'a holder that came in time keeps it',
    { status: 'ready', idleSeconds: 60, idleSince: ago(60) },
    stack('CREATE_COMPLETE'),
    { status: 'ready', idleSince: undefined },
  ],
  ['what is freed is deleted', { status: 'releasing' }, stack('CREATE_COMPLETE'), { status: 'releasing', stackId: '1' }, 'remove'],
  ['… waited for', { status: 'releasing' }, stack('DELETE_IN_PROGRESS'), { status: 'releasing' }],
  ['… and is not free before it is seen no more', { status: 'releasing' }, stack('DELETE_COMPLETE'), { status: 'releasing' }],
  ['… for which it may need to be told again', { status: 'free-failed' }, stack('DELETE_COMPLETE'), { status: 'free-failed' }, 'remove'],
  ['… and tried again', { status: 'releasing', attempt: 1 }, stack('DELETE_FAILED'), { status: 'releasing', attempt: 2 }, 'remove'],
  [
    '… and shown when it cannot be',
    { status: 'releasing', attempt: 4 },
    stack('DELETE_FAILED'),
    { status: 'free-failed', reason: 'because DELETE_FAILED' },
  ],
  ['… or takes too long', { status: 'releasing', statusSince: ago(301) }, stack('DELETE_IN_PROGRESS'), { status: 'free-failed' }],
  [
    'gone is released',
    { status: 'releasing', stackId: '1', vaultRef: 'v' },
    undefined,
    { status: 'released', stackId: undefined, vaultRef: undefined },
  ],
  ['free-failed is tried on', { status: 'free-failed' }, stack('DELETE_FAILED'), { status: 'free-failed' }, 'remove'],
  [
    '… abandoned when somebody says so',
    { status: 'free-failed', abandon: true },
    stack('DELETE_FAILED'),
    { status: 'free-failed' },
    'abandon',
  ],
  ['… and released only when seen gone', { status: 'free-failed', abandon: true }, undefined, { status: 'released', abandon: undefined }],
  [
    'a failed one that nobody holds is freed',
    { status: 'failed', ...unheld, idleSince: ago(1) },
    stack('CREATE_FAILED'),
    { status: 'releasing' },
  ],
  ['released stays released', { status: 'released', ...unheld }, undefined, { status: 'released' }],
];

describe('step', () => {
  for (const [what, state, seen, expected, action] of ROWS) {
    it(what, () => {
      const before = cluster(state);
      const done = step(before, seen, NOW);
      for (const [key, value] of Object.entries(expected)) expect(done.next[key as keyof ClusterState], key).to.deep.equal(value);
      expect(done.action).to.equal(action);
    });
  }

  it('comes to rest from wherever it is: no state goes round for ever without the site', () => {
    for (const [, state, seen] of ROWS) {
      let current = cluster({ ...state, holders: undefined, onFailure: 'delete' });
      const visited = new Set<string>();
      for (let k = 0; k < 50; k++) {
        const { next } = step(current, seen, NOW);
        if (next === current) break;
        const text = JSON.stringify(next);
        expect(visited.has(text), `${text} again`).to.equal(false);
        visited.add(text);
        current = next;
      }
    }
  });
});
