/** The other side of `query-thread.ts`: evaluates one question after the other over shared columns. */
import { parentPort } from 'node:worker_threads';
import { attachColumns } from '../discovery/columns/index.js';
import type { View } from '../discovery/index.js';
import { Problem } from '../model/index.js';
import { giveWay } from '../thread/give-way.js';
import { evaluateAsked } from './evaluate.js';
import { createPlans } from './plans.js';
import type { QueryReply, QueryRequest } from './query-thread.js';

giveWay();
const plans = createPlans(100);

parentPort?.on('message', (request: QueryRequest) => {
  parentPort?.postMessage(reply(request));
});

function reply(request: QueryRequest): QueryReply {
  try {
    const { scopes, ...rest } = request.view;
    const view: View = { columns: attachColumns(request.columns), ...rest, ...(scopes === undefined ? {} : { scopes: new Set(scopes) }) };
    return { seq: request.seq, ok: true, evaluated: evaluateAsked(plans.get(request.asked), view, request.asked, request.budget) };
  } catch (error) {
    const problem = error instanceof Problem ? error : new Problem('internal-error', { detail: 'the question could not be evaluated' });
    return {
      seq: request.seq,
      ok: false,
      code: problem.code,
      violations: problem.violations,
      ...(problem.detail === undefined ? {} : { detail: problem.detail }),
      ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    };
  }
}
