/** The thread for long questions, seen from the system. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { openTestDirectory, resourceXml } from './open-test-directory.js';

const nicenesses = () =>
  readdirSync('/proc/self/task').map((thread) => {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  });

describe('directory: query thread', () => {
  it('gives way to the threads that somebody waits for', async function () {
    if (process.platform !== 'linux') {
      console.log('      skipped: only Linux keeps niceness by thread');
      return this.skip();
    }
    const before = nicenesses().filter((nice) => nice > 0).length;
    const { directory, destroy } = await openTestDirectory();
    try {
      await directory.put({ principal: 'p' }, 'a', Buffer.from(resourceXml('a')));
      // a text of this length is not even compiled in this thread
      const answer = await directory.discover({ principal: 'p' }, { xpath: `count(//*[contains(., "${'x'.repeat(5000)}")])` });
      expect(answer).to.include({ type: 'number' });
      expect(nicenesses().filter((nice) => nice > 0)).to.have.length(before + 1);
    } finally {
      await destroy();
    }
  });
});
