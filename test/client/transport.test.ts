import { expect } from 'chai';
import { retryAfterOf } from '../../src/client/errors.js';
import { type ClientOptions, connect, RequestProblem, Unreachable } from '../../src/client/index.js';

interface Sent {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly at: number;
}

/** A fetch that answers from a list, and remembers. */
function scripted(answers: readonly (Response | Error | 'never')[]): { readonly fetch: typeof fetch; readonly sent: Sent[] } {
  const sent: Sent[] = [];
  return {
    sent,
    fetch: (async (input, init) => {
      const answer = answers[Math.min(sent.length, answers.length - 1)] as Response | Error | 'never';
      sent.push({ url: String(input), method: init?.method ?? 'GET', headers: new Headers(init?.headers), at: performance.now() });
      if (answer === 'never') {
        return await new Promise<Response>((_, reject) => {
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
        });
      }
      if (answer instanceof Error) throw answer;
      return answer.clone();
    }) as typeof fetch,
  };
}

const problem = (status: number, code: string, headers: Record<string, string> = {}) =>
  new Response(
    JSON.stringify({
      type: `/problems/${code}`,
      title: 'A title',
      status,
      code,
      detail: 'a detail',
      hint: 'a hint',
      requestId: 'r-1',
      violations: [{ rule: 'x', message: 'm', line: 2 }],
    }),
    {
      status,
      headers: { 'Content-Type': 'application/problem+json', ...headers },
    },
  );
const page = () => Response.json({ items: [], total: 0 });
const reset = () => new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) });
const published = () => Response.json({ id: 'a', outcome: 'created', etag: '"e"', revision: 'x', notices: [] });

async function failing(work: Promise<unknown>): Promise<Error> {
  return await work.then(
    () => expect.fail('should have failed'),
    (error: Error) => error,
  );
}

describe('The client', () => {
  const client = (answers: Parameters<typeof scripted>[0], options: ClientOptions = {}) => {
    const script = scripted(answers);
    return { ...script, directory: connect('http://directory.test/', { fetch: script.fetch, backoff: 1, random: () => 0.5, ...options }) };
  };

  it('gives refusals with code, detail, hint, violations and the id of the request', async () => {
    const { directory } = client([problem(422, 'invalid-resource')]);
    const error = (await failing(directory.publish('<x/>'))) as RequestProblem;
    expect(error).to.be.instanceOf(RequestProblem);
    expect(error).to.include({ code: 'invalid-resource', detail: 'a detail', hint: 'a hint', requestId: 'r-1', status: 422 });
    expect(error.violations).to.deep.equal([{ rule: 'x', message: 'm', line: 2 }]);
  });

  it('understands refusals of a newer directory, and of a proxy in between', async () => {
    const newer = (await failing(client([problem(409, 'moved-elsewhere')]).directory.publish('<x/>'))) as RequestProblem;
    expect(newer).to.include({ statedCode: 'moved-elsewhere', code: 'already-exists', detail: 'a detail' });
    const proxy = (await failing(client([new Response('<html>', { status: 502 })], { retries: 0 }).directory.page())) as RequestProblem;
    expect(proxy).to.include({ code: 'internal-error', statedStatus: 502 });
  });

  const retried: readonly (readonly [
    what: string,
    call: (directory: ReturnType<typeof connect>) => Promise<unknown>,
    again: { readonly busy: boolean; readonly broken: boolean },
  ])[] = [
    ['reads', (directory) => directory.page(), { busy: true, broken: true }],
    ['questions', (directory) => directory.ask('1'), { busy: true, broken: true }],
    ['writes that expect a tag', (directory) => directory.put('a', '<x/>', { ifMatch: '"e"' }), { busy: true, broken: false }],
    ['writes that expect nothing there', (directory) => directory.publish('<x/>', { ifAbsent: true }), { busy: true, broken: false }],
    ['other writes', (directory) => directory.put('a', '<x/>'), { busy: false, broken: false }],
    ['removals', (directory) => directory.remove('a'), { busy: false, broken: false }],
    [
      'bulk',
      async (directory) => {
        for await (const _ of directory.bulk(['<x/>']));
      },
      { busy: false, broken: false },
    ],
  ];
  for (const [what, call, again] of retried) {
    it(`${again.busy ? 'tries' : 'does not try'} ${what} again when the directory is busy`, async () => {
      for (const status of [503, 429]) {
        const { directory, sent } = client([problem(status, status === 503 ? 'overloaded' : 'too-many-requests')]);
        expect(await failing(call(directory))).to.be.instanceOf(RequestProblem);
        expect(sent.length).to.equal(again.busy ? 4 : 1);
      }
    });
    it(`${again.broken ? 'tries' : 'does not try'} ${what} again when the connection broke`, async () => {
      const { directory, sent } = client([reset()]);
      expect(await failing(call(directory)))
        .to.be.instanceOf(Unreachable)
        .and.include({ reason: 'broken' });
      expect(sent.length).to.equal(again.broken ? 4 : 1);
    });
  }

  it('goes on when a further try succeeds', async () => {
    const { directory, sent } = client([problem(503, 'starting'), reset(), page()]);
    expect(await directory.page()).to.deep.equal({ items: [], total: 0 });
    expect(sent.length).to.equal(3);
  });

  it('never tries other refusals again', async () => {
    for (const status of [400, 404, 409, 412, 422, 500, 507]) {
      const { directory, sent } = client([problem(status, 'x')]);
      await failing(directory.page());
      expect(sent.length, String(status)).to.equal(1);
    }
  });

  it('waits as long as Retry-After says', async () => {
    const { directory, sent } = client([problem(503, 'starting', { 'Retry-After': '1' }), page()]);
    await directory.page();
    expect((sent[1] as Sent).at - (sent[0] as Sent).at).to.be.within(990, 3000);
    const now = Date.parse('2030-01-01T00:00:00Z');
    expect(retryAfterOf(new Headers({ 'Retry-After': 'Tue, 01 Jan 2030 00:00:07 GMT' }), now)).to.equal(7);
    expect(retryAfterOf(new Headers({ 'Retry-After': 'soon' }), now)).to.equal(undefined);
  });

  it('gives up when no answer begins in time', async () => {
    const { directory } = client(['never'], { timeout: 30 });
    expect(await failing(directory.publish('<x/>')))
      .to.be.instanceOf(Unreachable)
      .and.include({ reason: 'timeout' });
  });

  it('stops when its signal says so, also between two tries', async () => {
    for (const answer of ['never', problem(503, 'overloaded', { 'Retry-After': '60' })] as const) {
      const { directory, sent } = client([answer]);
      const stop = new AbortController();
      const call = failing(directory.page({ signal: stop.signal }));
      await new Promise((resolve) => setTimeout(resolve, 20));
      stop.abort(new Error('enough'));
      expect((await call).message).to.equal('enough');
      expect(sent.length).to.equal(1);
    }
  });

  it('sends the headers it was given, and preconditions', async () => {
    const { directory, sent } = client([published()], { headers: { Authorization: 'Bearer t' } });
    await directory.put('a/ü', '<x/>', { ifMatch: '"e"', dryRun: true });
    await directory.publish('<x/>', { ifAbsent: true });
    const [put, post] = sent as [Sent, Sent];
    expect(put).to.include({ url: 'http://directory.test/resources/a%2F%C3%BC?dryRun=true', method: 'PUT' });
    expect(Object.fromEntries(put.headers)).to.include({ authorization: 'Bearer t', 'if-match': '"e"', 'content-type': 'application/xml' });
    expect(post.headers.get('if-none-match')).to.equal('*');
  });

  it('says who does not answer', async () => {
    const error = await failing(connect('http://127.0.0.1:59998').page());
    expect(error)
      .to.be.instanceOf(Unreachable)
      .and.include({ reason: 'refused', message: 'http://127.0.0.1:59998 cannot be reached: nobody listens there' });
  });
});
