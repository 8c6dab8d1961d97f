import { expect } from 'chai';
import { readCondition, tagsOf, writeCondition } from '../../src/http/conditional.js';
import { Problem } from '../../src/model/index.js';

const modifiedAt = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const current = { etag: '"now"', modifiedAt };
const before = 'Fri, 02 Jan 2026 03:04:04 GMT';
const then = 'Fri, 02 Jan 2026 03:04:05 GMT';
const later = 'Fri, 02 Jan 2026 03:04:06 GMT';

const outcome = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
};

describe('http/conditional', () => {
  describe('lists of entity tags', () => {
    for (const [header, tags] of [
      ['*', ['*']],
      ['"a"', ['"a"']],
      ['"a", W/"b" ,"c"', ['"a"', 'W/"b"', '"c"']],
      [', ,"a",,', ['"a"']],
      ['"a,b"', ['"a,b"']],
      ['""', ['""']],
    ] as const) {
      it(`reads ${header}`, () => expect(tagsOf('If-Match', header)).to.deep.equal(tags));
    }
    for (const header of ['', 'a', '"a', '"a" "b"', '*, "a"', 'w/"a"', '"a\u0001"']) {
      it(`refuses ${JSON.stringify(header)}`, () => expect(outcome(() => tagsOf('If-Match', header))).to.equal('bad-request'));
    }
    it('takes no time over a header made to confuse it', () => {
      const started = performance.now();
      outcome(() => tagsOf('If-Match', `"a"${' ,'.repeat(15_000)}x`));
      outcome(() => tagsOf('If-Match', `"a"${' '.repeat(30_000)}x`));
      expect(performance.now() - started).to.be.below(200);
    });
  });

  describe('reads (RFC 9110 §13.2.2)', () => {
    for (const [headers, expected] of [
      [{}, 'send'],
      [{ 'if-none-match': '"now"' }, 'not-modified'],
      [{ 'if-none-match': 'W/"now"' }, 'not-modified'],
      [{ 'if-none-match': '"old", "now"' }, 'not-modified'],
      [{ 'if-none-match': '*' }, 'not-modified'],
      [{ 'if-none-match': '"old"' }, 'send'],
      [{ 'if-none-match': '"old"', 'if-modified-since': later }, 'send'],
      [{ 'if-modified-since': then }, 'not-modified'],
      [{ 'if-modified-since': later }, 'not-modified'],
      [{ 'if-modified-since': before }, 'send'],
      [{ 'if-modified-since': 'yesterday' }, 'send'],
      [{ 'if-match': '"now"' }, 'send'],
      [{ 'if-match': '*' }, 'send'],
      [{ 'if-match': '"old"' }, 'precondition-failed'],
      [{ 'if-match': 'W/"now"' }, 'precondition-failed'],
      [{ 'if-match': '"now"', 'if-none-match': '"now"' }, 'not-modified'],
      [{ 'if-match': '"now"', 'if-unmodified-since': before }, 'send'],
      [{ 'if-unmodified-since': before }, 'precondition-failed'],
      [{ 'if-unmodified-since': then }, 'send'],
    ] as const) {
      it(`${JSON.stringify(headers)} → ${expected}`, () => expect(outcome(() => readCondition(headers, current))).to.equal(expected));
    }
  });

  describe('writes', () => {
    for (const [headers, expected] of [
      [{}, {}],
      [{ 'if-match': '"a", "b"' }, { ifMatch: ['"a"', '"b"'] }],
      [{ 'if-none-match': '*' }, { ifNoneMatch: '*' }],
      [{ 'if-none-match': '"a"' }, 'bad-request'],
      [{ 'if-unmodified-since': then }, { ifMatch: ['"now"'] }],
      [{ 'if-unmodified-since': before }, 'precondition-failed'],
      [{ 'if-match': '"a"', 'if-unmodified-since': before }, { ifMatch: ['"a"'] }],
    ] as const) {
      it(`${JSON.stringify(headers)} → ${JSON.stringify(expected)}`, () => {
        expect(outcome(() => writeCondition(headers, () => current))).to.deep.equal(expected);
      });
    }
    it('a date says nothing about what is not there', () => {
      expect(writeCondition({ 'if-unmodified-since': before }, () => undefined)).to.deep.equal({});
    });
  });
});
